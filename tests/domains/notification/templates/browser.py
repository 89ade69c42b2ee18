"""Chromium without a window: shows HTML documents at a width and measures what a reader would see."""

import html
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

SECONDS: Final = 60
CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
OPTIONS: Final = (
    "--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
    "--disable-breakpad", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
"""Nothing is loaded from a network, so that pictures are missing at once."""
MEASURE: Final = """
function channels(color) { return color.match(/[\\d.]+/g).map(Number); }
function luminance(color) {
  const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const [r, g, b] = channels(color).map((c) => linear(c / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function background(element) {
  for (let at = element; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (channels(color)[3] !== 0) return color;
  }
  return "rgb(255, 255, 255)";
}
function contrast(element) {
  const [one, other] = [luminance(getComputedStyle(element).color), luminance(background(element))];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
function measured(frame) {
  const page = frame.contentDocument, walker = page.createTreeWalker(page.body, NodeFilter.SHOW_ALL);
  let right = page.documentElement.scrollWidth, least = 21, where = "";
  for (let node; node = walker.nextNode();) {
    const range = page.createRange();
    range.selectNode(node);
    const shown = [...range.getClientRects()].filter((each) => each.width > 1 && each.height > 1);
    right = Math.max(right, ...shown.map((each) => each.right));
    const [element, text] = node.nodeType === 3 ? [node.parentElement, node.data] : [node, node.alt];
    if (!text?.trim() || !shown.length || getComputedStyle(element).opacity === "0") continue;
    if (contrast(element) < least) [least, where] = [contrast(element), text.trim()];
  }
  return [frame.title, Math.round(right), least, where];
}
addEventListener("load", () => {
  const result = document.createElement("pre");
  result.textContent = JSON.stringify([...document.querySelectorAll("iframe")].map(measured));
  document.body.replaceChildren(result);
});
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is seen of a document: its rightmost pixel, and the least contrast of a text with the colour behind it."""

    right: int
    contrast: float
    least_readable: str


def pictures(documents: Mapping[str, str], width: int, folder: Path, *, is_dark: bool = False) -> dict[str, Picture]:
    """Show each document in a frame of a width in CSS pixels, and measure it, all in one process of Chromium."""
    assert CHROMIUM
    frames = "".join(
        f'<iframe title="{html.escape(title)}" style="border: 0; width: {width}px; height: 800px"'
        f' srcdoc="{html.escape(document)}"></iframe>'
        for title, document in documents.items()
    )
    page = folder / "pictures.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><script>{MEASURE}</script><body>{frames}</body>')
    scheme = [f"--blink-settings=preferredColorScheme={0 if is_dark else 1}", f"--user-data-dir={folder / 'profile'}"]
    unsandboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [CHROMIUM, *OPTIONS, *scheme, *unsandboxed, "--dump-dom", page.as_uri()]
    shown = _output(command)
    result = re.search(r"<pre>(.*)</pre>", shown, re.DOTALL)
    assert result, shown[-2_000:]
    return {title: Picture(*values) for title, *values in json.loads(html.unescape(result[1]))}


def _output(command: list[str]) -> str:
    """What a command writes; it and its children are ended after SECONDS."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        try:
            return process.communicate(timeout=SECONDS)[0]
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
