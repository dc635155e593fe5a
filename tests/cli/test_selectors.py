"""A selector that matches nothing is reported with the nearest names. It is an error if nothing is left to print."""

import pytest
from command_line import envcfg

from envcfg import sample

NEAR_KEY = "no config of run samples/forage has a key max_stepz; the nearest name is game.max_steps"
NEAR_AT_THE_END = "at step 307,200 has a key max_stepz; the nearest name is game.max_steps"
NEAR_METRIC = "run samples/forage has no metric rewrad; the nearest name is reward"
AFTER = "step 99,999,999 is after the last record of run samples/forage, which is at step 307,200"
NO_SLOT = "run samples/forage has no slot 99; there is slot 0, slot 1"
NO_TASK = "run samples/forage has no task forage/grov; the nearest names are forage/grove"

REFUSED = [
    ("log RUN --param max_stepz", NEAR_KEY),
    ("log RUN --task forage/grov", NO_TASK),
    ("log RUN --slot 99", NO_SLOT),
    ("log RUN --slot 0 --rank 7", "has no slot 0 of rank 7, worker 0; there is slot 0"),
    ("log RUN --slot 0 --worker 7", "has no slot 0 of rank 0, worker 7; there is slot 0"),
    ("log RUN --rank 7", "add --slot N"),
    ("log RUN --worker 7", "add --slot N"),
    ("log RUN --since 99999999", AFTER),
    ("log RUN --until -1", "before the first record"),
    ("log RUN --since 20000 --until 100", "is after --until"),
    ("log RUN --param max_stepz --format json", NEAR_KEY),
    ("diff RUN first last --param max_stepz", "neither config has a key max_stepz; the nearest name is game.max_steps"),
    ("diff RUN first last --slot 99", NO_SLOT),
    ("diff RUN frist", "frist is not a moment either"),
    ("show RUN --param max_stepz", NEAR_AT_THE_END),
    ("show RUN --param max_stepz --format json", NEAR_AT_THE_END),
    ("show RUN --param rewards", "the keys below it are game.agent.rewards.*"),
    ("show RUN --slot 99", NO_SLOT),
    ("show RUN --step -1", "the first one is at step 0"),
    ("show RUN --time 1999-01-01", "was recorded up to 1999-01-01"),
    ("show RUN --change 99", "has no change 99"),
    ("blame RUN max_stepz", NEAR_AT_THE_END),
    ("blame RUN --slot 99", NO_SLOT),
    ("blame RUN --at change:99", "has no change 99"),
    ("timeline RUN --metric rewrad", NEAR_METRIC),
    ("report RUN --metric rewrad", NEAR_METRIC),
    ("answer RUN --metric rewrad", NEAR_METRIC),
    ("effects RUN --metric rewrad", NEAR_METRIC),
    ("calibrate RUN --metric rewrad", NEAR_METRIC),
    ("correlate RUN --metric rewrad", NEAR_METRIC),
    ("compare SWEEP --metric rewrad", "the nearest name is reward"),
    ("compare SWEEP --at epoch:x", "invalid moment"),
    ("compare SWEEP --by weigh", "weigh"),
    ("export RUN chnges", "chnges"),
    ("ablate RUN --change 99", "has no change 99"),
    ("ablate RUN --change 2 --revert max_stepz", "did you mean game.max_steps?"),
    ("ablate RUN --change 2 --set max_stepz=1", "did you mean game.max_steps?"),
]
WARNED = [
    ("log RUN --param max_steps --param max_stepz", NEAR_KEY),
    ("log RUN --until 99999999", AFTER),
    ("log RUN --param max_steps --since 307200", "no change of run samples/forage matches all the options together"),
    ("diff RUN first last --param max_steps --param max_stepz", "neither config has a key max_stepz"),
    ("diff RUN first last --ignore nosuch", "neither config has a key nosuch"),
    ("diff RUN first 99999999", AFTER),
    ("show RUN --step 99999999", AFTER),
    ("show RUN --epoch 99999", "epoch 99,999 is after the last record of run samples/forage, which is at epoch 299"),
    ("show RUN --time 2999-01-01", "is after the last record of run samples/forage, which is at 20"),
    ("show RUN 99999999", AFTER),
    ("show RUN --param max_steps --param max_stepz", NEAR_AT_THE_END),
    ("blame RUN max_steps max_stepz", NEAR_AT_THE_END),
    ("blame RUN --at 99999999", AFTER),
    ("analyze RUN --param max_stepz", NEAR_KEY),
    ("analyze RUN --param max_stepz --format json", NEAR_KEY),
    ("timeline RUN -o t.html --param max_stepz", NEAR_KEY),
    ("timeline RUN -o t.html --param desync_episodes", "desync_episodes never changed in run samples/forage"),
    ("export RUN parameters -o p.csv --param max_stepz", "has a key max_stepz; the nearest name is game.max_steps"),
    ("export RUN in_force -o p.csv --param max_stepz", "has a key max_stepz; the nearest name is game.max_steps"),
    ("export RUN tasks -o p.csv --param max_steps", "tasks is written with all columns"),
    ("compare SWEEP --ignore nosuch", "no config of these runs has a key nosuch"),
    ("compare SWEEP --at 99999999", "and the same for 4 more runs: its config at the last record is compared"),
    ("compare RUN SWEEP/schedule-3", "no such folder; the nearest names are"),
    ("effects RUN SWEEP/schedule-3", "no such folder; the nearest names are"),
    ("replay RUN RUN --metric rewrad", NEAR_METRIC),
]


def asked(line, cwd):
    places = {"RUN": str(sample("forage")), "SWEEP": str(sample("sweep"))}
    words = line.split()
    return envcfg(*("/".join(places.get(part, part) for part in word.split("/")) for word in words), cwd=cwd)


@pytest.mark.parametrize(("line", "said"), REFUSED, ids=[line for line, _ in REFUSED])
def test_a_selector_that_leaves_nothing_to_print_is_refused(tmp_path, line, said):
    done = asked(line, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("line", "said"), WARNED, ids=[line for line, _ in WARNED])
def test_a_selector_that_leaves_something_to_print_is_reported_once(tmp_path, line, said):
    done = asked(line, tmp_path)
    assert done.returncode == 0
    assert done.stderr.count(said) == 1
    assert done.stdout or list(tmp_path.iterdir()) or "matches all" in said
