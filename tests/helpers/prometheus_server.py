"""A real Prometheus server for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

__all__ = ["prometheus_server"]

_OFTEN = {"scrape_interval": "200ms", "scrape_timeout": "200ms"}


@asynccontextmanager
async def prometheus_server(
    directory: Path, job: Mapping[str, Any], scraped_port: int, port: int
) -> AsyncIterator[str]:
    """Run ``prometheus``, which scrapes one target of this machine often.

    Args:
        directory: for its configuration, its data and its log.
        job: the rest of the scrape configuration.
        scraped_port: the port of the target.
        port: its own.

    Yields:
        Its address.
    """
    targets = [{"targets": [f"127.0.0.1:{scraped_port}"]}]
    scrape = {**job, **_OFTEN, "static_configs": targets}
    configuration = directory / "prometheus.yml"
    configuration.write_text(yaml.safe_dump({"scrape_configs": [scrape]}), encoding="utf-8")
    with (directory / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            "prometheus",
            f"--config.file={configuration}",
            f"--storage.tsdb.path={directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            stdout=log,
            stderr=log,
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()
