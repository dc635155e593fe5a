from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg.core.errors import SourceError
from envcfg.sources.wandb.address import Address, address

names = st.from_regex(r"\w[\w.-]{0,12}", fullmatch=True)
addresses = st.builds(Address, st.sampled_from(["run", "sweep", "group"]), names, names, names)


@given(addresses)
def test_the_text_of_an_address_parses_to_the_same_address(written):
    if written.kind == "run" and written.name in ("sweeps", "groups"):
        return
    assert address(f"wandb:{written}") == written


@given(st.text(alphabet="ab./\\:~ -%\0", max_size=30) | st.text(max_size=30))
def test_no_part_of_an_address_leads_out_of_its_folder(text):
    for form in (f"wandb:{text}", f"https://wandb.ai/{text}", text):
        try:
            found = address(form)
        except (SourceError, ValueError):
            continue
        for part in (found.entity, found.project, found.name) if found else ():
            assert PurePosixPath("cache", *filter(None, [part])).parent == PurePosixPath("cache") or not part
            assert part not in (".", "..")
            assert "\\" not in part


@pytest.mark.parametrize(
    ("text", "kind", "path"),
    [
        ("https://wandb.ai/acme/p/runs/r1", "run", "acme/p/r1"),
        ("https://wandb.ai/acme/p/runs/r1/workspace?nw=abc#x", "run", "acme/p/r1"),
        ("https://wandb.ai/acme/my%20project/sweeps/s1", "sweep", "acme/my project/sweeps/s1"),
        ("https://wandb.ai/acme/p/workspace?nw=abc", "project", "acme/p"),
        ("https://wandb.ai/acme/p", "project", "acme/p"),
        (
            "https://wandb.ai/acme/p/artifacts/environment_configs/env_configs-r1/v3/files",
            "artifact",
            "acme/p/env_configs-r1:v3",
        ),
        ("wandb:acme/p/runs/r1", "run", "acme/p/r1"),
        ("acme/p/env_configs-r1:final", "artifact", "acme/p/env_configs-r1:final"),
        ("wandb.ai/acme/p/runs/r1?nw=abc", "run", "acme/p/r1"),
        ("wandb.ai/acme/p", "project", "acme/p"),
        ("wandb.my-lab.org:8080/acme/p/sweeps/s1", "sweep", "acme/p/sweeps/s1"),
        ("https://my-lab.org/tools/wandb/acme/p/runs/r1/overview", "run", "acme/p/r1"),
        ("https://wandb.ai/acme/p/groups/seed%20study/workspace", "group", "acme/p/groups/seed study"),
        ("wandb:acme/p/groups/g1", "group", "acme/p/groups/g1"),
        (
            "https://wandb.ai/acme/p/artifacts/environment_configs/env_configs-r1",
            "artifact",
            "acme/p/env_configs-r1:latest",
        ),
        ("wandb:acme/p/env_configs-r1", "artifact", "acme/p/env_configs-r1:latest"),
    ],
)
def test_copied_addresses_are_understood(text, kind, path):
    found = address(text)
    assert found is not None
    assert (found.kind, str(found)) == (kind, path)


@pytest.mark.parametrize("text", ["outputs/2026-01-01", "run", "./a/b/c", "/a/b/c", "../a/b", "a/b/c/d", ""])
def test_a_place_on_this_disk_is_not_an_address(text):
    assert address(text) is None


@pytest.mark.parametrize("text", ["wandb:acme", "wandb:../../x", "https://wandb.ai/", "https://wandb.ai/a/b/reports/c"])
def test_the_error_for_an_invalid_address_says_what_to_type(text):
    with pytest.raises(SourceError, match="expected wandb:entity/project/run_id"):
        address(text)
