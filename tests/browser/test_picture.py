"""A picture of a figure, drawn by the real libraries of the extra `export`."""

from command_line import envcfg_process


def test_a_picture_is_drawn_from_the_command_line(chromium, staged, tmp_path):
    done = envcfg_process("timeline", staged, "-o", "t.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")
