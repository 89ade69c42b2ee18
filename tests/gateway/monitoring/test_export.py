"""Spans are sent when a collector is set; without one nothing is loaded, and without an answer nothing stops."""

import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.trace import SpanKind

from domains.kernel.monitoring import traces
from gateway.monitoring.traces import exported
from gateway.settings import BadSettings, Settings, load
from tests.gateway.monitoring.collector import collecting
from tests.ports import free_port

LOADED = """
import sys
import gateway.server
print(sorted(name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))))
"""


def settings_of(home: Path, url: str, **more: object) -> Settings:
    return load({}, commerce_home=home, otel_exporter_otlp_endpoint=url, **more)


async def test_spans_are_sent_at_the_end_at_the_latest(tmp_path: Path) -> None:
    with collecting() as collector:
        async with exported(settings_of(tmp_path, collector.url + "/", otel_service_name="shop")):
            with traces.entry(None, "request", SpanKind.SERVER), traces.span("part"):
                pass
        with traces.entry(None, "afterwards", SpanKind.SERVER):
            pass
    part, request = sorted(collector.spans, key=lambda span: span.name)
    assert (part.name, request.name, part.parent_id) == ("part", "request", request.span_id)
    assert "shop" in collector.services


async def test_no_trace_is_recorded_when_its_share_is_zero(tmp_path: Path) -> None:
    with collecting() as collector:
        async with exported(settings_of(tmp_path, collector.url, otel_traces_sampler_arg=0)):
            with traces.entry(None, "request", SpanKind.SERVER), traces.span("part"):
                assert traces.traceparent()
    assert collector.spans == []


async def test_a_collector_that_does_not_answer_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with exported(settings_of(tmp_path, f"http://127.0.0.1:{free_port()}")):
        with traces.entry(None, "request", SpanKind.SERVER):
            pass
    assert any("opentelemetry" in record.name for record in caplog.records)


def test_nothing_is_loaded_without_a_collector() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert loaded.stdout == "[]\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("otel_exporter_otlp_endpoint", "collector:4318"),
        ("otel_traces_sampler_arg", 1.5),
        ("slow_operation", 0),
        ("otel_exporter_otlp_protocol", "grpc"),
        ("otel_exporter_otlp_traces_protocol", "http/json"),
    ],
)
def test_an_invalid_setting_is_named(name: str, value: object) -> None:
    with pytest.raises(BadSettings, match=f"^{name.upper()}: "):
        load({}, **{name: value})
