from command_line import envcfg


def test_a_folder_without_an_offline_run_is_refused(tmp_path):
    done = envcfg("bundle", tmp_path)
    assert done.returncode == 2
    assert "is not an offline W&B run" in done.stderr
    assert done.stderr.count("\n") == 1
