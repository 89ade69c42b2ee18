"""Generated pictures of the demo's products: the initial of the product on a colour."""

import hashlib
from functools import cache
from html import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.demo.content import DemoCategory, read_catalogue

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600" role="img" aria-label="{name}">
<rect width="600" height="600" fill="hsl({hue} 32% 84%)"/>
<circle cx="300" cy="270" r="150" fill="hsl({hue} 38% 46%)"/>
<text x="300" y="270" font-family="Georgia,serif" font-size="170" text-anchor="middle" dominant-baseline="central"
 fill="hsl({hue} 40% 95%)">{initial}</text>
<text x="300" y="505" font-family="Georgia,serif" font-size="34" text-anchor="middle"
 fill="hsl({hue} 40% 24%)">{name}</text>
</svg>
"""


async def picture(request: Request) -> Response:
    """One picture, as SVG; 404 for an unknown product."""
    name = _names().get(request.path_params["slug"])
    if name is None:
        raise HTTPException(404, "There is no picture of this product.")
    hue = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 360
    drawn = SVG.format(name=escape(name), initial=escape(name[0]), hue=hue)
    return Response(drawn, media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"})


ROUTE = Route("/demo/images/{slug}.svg", picture, methods=["GET"])


@cache
def _names() -> dict[str, str]:
    """The products' names by slug."""

    def walk(category: DemoCategory) -> dict[str, str]:
        own = {str(product.values["slug"]): str(product.values["name"]) for product in category.products}
        for child in category.children:
            own |= walk(child)
        return own

    return {slug: name for root in read_catalogue() for slug, name in walk(root).items()}
