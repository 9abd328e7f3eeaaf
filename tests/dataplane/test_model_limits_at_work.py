"""A request goes first to those that can serve it."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.house import CONFIG, PROMPT
from tests.helpers.house import house as start

ALPHA = "access_key: $ALPHA_KEY, default: true"
LIMITED = CONFIG.replace(ALPHA, f"{ALPHA}, model_limits: {{{{images: false}}}}", 1)
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


async def test_an_image_goes_to_the_first_that_takes_images(tmp_path: Path) -> None:
    async with start(tmp_path, config=LIMITED) as house:
        content = [{"type": "text", "text": PROMPT}, PICTURE]
        response = await house.chat(messages=[{"role": "user", "content": content}])
        assert response.headers["x-dragoman-model"] == "beta/model-b"
        assert response.headers["x-dragoman-attempts"] == "1"
        assert not house.alpha.exchanges
        candidates = (await house.receipt(response))["candidates"]
        reasons = {each["model"]: each["ineligible"] for each in candidates}
        assert next(iter(reasons)) == "beta/model-b"
        assert list(reasons)[-1] == "alpha/model-a"
        assert reasons.pop("alpha/model-a") == "images"
        assert set(reasons.values()) == {None}
        assert await house.answering() == "alpha/model-a", "without an image the order stays"
