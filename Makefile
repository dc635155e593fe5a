# make demo   train a real agent, record it, print the report        make test   every check
# make check  the quick loop: format, lint, types, imports and the tests that start no process and take no seconds
# make demo PRESET=full          the one that learns well     make bench  what it costs, beside what you would use instead
#             (half an hour; writes docs/performance.md anew; make bench ONLY=record for one of them)
# make sample  record the bundled sample runs anew             make figures  draw the documentation's pictures anew
# make test-long    the tests that draw their cases, with other cases at each run and many more (about an hour); all cells of products
# make test-libraries    the adapters of libraries too heavy for `make test`: pufferlib, Syllabus, rsl-rl, torchrl, RLlib, Ray, JAX, SuperSuit
# make test-homes    trainers without an adapter of their own (tianshou, skrl, AgileRL, CleanRL, ...), environments of others, the whole grid
# make test-programs    programs of others without envcfg and with it: sheeprl, BenchMARL, torchrl, Lightning, its Hydra template
# make test-minimum    the least versions that pyproject.toml promises: of the core, then of each extra
#             (EXTRA=core or EXTRA=figures for one of them; TESTS=tests/cli for other tests than those that are about it)
# make test-hydra   a recorded Hydra app beside the app alone, with the oldest Hydra and OmegaConf, and with their newest pre-releases
#             (HYDRA=1.3.2 for one of them)
# make soak  a recorder under attack for MINUTES=4: killed sessions, failing system calls, damaged files, extreme values;
#             then every reader on files that are too large, endless, deep or wide: what each takes, beside the targets
# make faults  some 700 trainings that meet a fault: what was lost, and whether it was reported, beside the targets
# make format lint types imports   the quick checks; make tests TESTS=tests/core for one folder; make dist for a release's files
# make licences    the licence of every package that users get        make audit  known vulnerabilities of them (needs the network)
# make docs    build the documentation as a site, into site/; nothing is loaded from a network
# make fuzz    the readers, five minutes each, with mutated files (SECONDS_EACH=60 for a minute); findings go to .fuzz/
# make browser install Chromium for the browser tests, where there is none

PYTHON ?= python3
PRESET ?= short
SECONDS_EACH ?= 300
MINUTES ?= 4
TESTS ?= tests
SCRIPTS := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN := .venv/$(SCRIPTS)
READY := .venv/.ready

# A container may set this. Then each of the hundreds of programs that the tests start would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo sample figures browser check test quick lint types imports tests format dist test-long test-libraries test-homes test-programs test-hydra test-minimum licences audit soak faults fuzz bench docs clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# //p' Makefile

$(READY): pyproject.toml constraints.txt
	@echo "Setting up .venv (once; a few minutes) ..."
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("envcfg needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY)
	@$(BIN)/envcfg demo --preset $(PRESET)

sample: $(READY)
	@$(BIN)/python scripts/make_sample.py

figures: $(READY) browser
	@$(BIN)/python -W ignore::UserWarning:plotly scripts/make_figures.py

browser:
	@sh scripts/install_browser.sh

test: lint imports
	@$(MAKE) --no-print-directory --jobs=2 types tests

check: lint imports
	@$(MAKE) --no-print-directory --jobs=2 types quick

format: $(READY)
	@$(BIN)/ruff format --quiet .

lint: $(READY)
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .

types: $(READY)
	@$(BIN)/mypy --no-error-summary

imports: $(READY)
	@$(BIN)/lint-imports --no-cache > .venv/imports.log || { cat .venv/imports.log; exit 1; }

# Three processes for two cores: a test often waits for a program that it has started.
tests: $(READY) browser
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -rs $(TESTS)

# Folders are named: a file that is not collected loads none of the heavy libraries that it is about.
QUICK := $(addprefix tests/,core journal history analysis rerun tables figures cli tracking)

quick: $(READY)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not slow' $(QUICK)

test-long: $(READY)
	@$(BIN)/python -m pytest -n 2 -m hypothesis --hypothesis-profile long --timeout 7200

DOCS_READY := .venv/.docs

$(DOCS_READY): $(READY)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@

docs: $(DOCS_READY)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --clean
	@echo "The documentation is in site/index.html"

# Programs of others, without envcfg and with it: what is printed, the exit status, the config received and the files.
# benchmarl needs an older torchrl, and gets a folder for both. The programs that no package index has are cloned; without a
# network, their tests are skipped.
PROGRAMS := torch==2.13.0 lightning==2.6.6 sheeprl==0.8.4 torchrl==0.14.1 vmas==1.5.2 hydra-zen==0.17.2 hydra-colorlog==1.2.0 \
            hydra-optuna-sweeper==1.3.0 rootutils==1.0.7 tqdm
OLDER := benchmarl==1.5.2 torchrl==0.11.1 tensordict==0.11.0
PROGRAM := .venv-programs/$(SCRIPTS)/python
TEMPLATE_AT := bddbc24b82ab6ccfa6243e815a49dc5bfe8d4144
TORCHRL_AT := ae9719f17b1517af5c2523a36c4616f003ee55cf

test-programs: $(READY)
	@$(PYTHON) -m venv .venv-programs
	@$(PROGRAM) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[wandb]' $(PROGRAMS) $$($(LEAST_OF) --tools core)
	@$(PROGRAM) -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target .venv-programs/benchmarl $(OLDER)
	@sh scripts/clone.sh https://github.com/ashleve/lightning-hydra-template $(TEMPLATE_AT) .programs/lightning-hydra-template
	@sh scripts/clone.sh https://github.com/pytorch/rl $(TORCHRL_AT) .programs/torchrl
	@ENVCFG_LIBRARIES=1 $(PROGRAM) -m pytest -rs -p allowed -W ignore $(foreach part,lightning lightning_wandb programs resume,tests/libraries/test_$(part).py)

HEAVY := pufferlib-core==3.0.19 Syllabus-RL==0.7 matplotlib pettingzoo torchrl==0.14.1 'ray[rllib]==2.60.0' rsl-rl-lib==5.5.1 boto3 jax==0.10.2 gymnax==0.0.9 supersuit==3.11.0 mlflow==3.17.2 trackio==0.43.0
LIBRARIES := .venv-libraries/$(SCRIPTS)/python

# Trainers without an adapter of their own, environments of others, and the whole grid of combinations. AgileRL needs an older
# tensordict than torchrl. What CleanRL's scripts need is theirs: those for gymnasium 0.29 are skipped, with the reason.
HOMES := torch==2.13.0 tianshou==2.0.1 skrl==2.1.1 torchrl==0.14.1 envpool==1.2.5 minigrid==3.2.0 highway-env==1.12.1 rl_zoo3==2.9.2 \
         supersuit==3.11.0 tyro tensorboard
HOME_OF := .venv-homes/$(SCRIPTS)/python
AGILE := .venv-agile/$(SCRIPTS)/python
CLEANRL_AT := fe8d8a03c41a7ef5b523e2e354bd01c363e786bb

test-homes: $(READY)
	@$(PYTHON) -m venv .venv-homes
	@$(HOME_OF) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' $(HOMES)
	@sh scripts/clone.sh https://github.com/vwxyzjn/cleanrl $(CLEANRL_AT) .programs/cleanrl
	@ENVCFG_LIBRARIES=1 $(HOME_OF) -m pytest -n 2 -rs -p compared $(foreach part,homes cleanrl grid,tests/libraries/test_$(part).py)
	@$(PYTHON) -m venv .venv-agile
	@$(AGILE) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' agilerl==2.58.0
	@ENVCFG_LIBRARIES=1 $(AGILE) -m pytest -rs tests/libraries/test_homes.py -k agilerl

test-libraries: test-homes
	@$(PYTHON) -m venv .venv-libraries
	@grep -v gymnasium constraints.txt > .venv-libraries/constraints.txt  # RLlib needs another version
	@$(LIBRARIES) -m pip install --quiet --disable-pip-version-check -c .venv-libraries/constraints.txt -e '.[dev]' $(HEAVY)
	@$(LIBRARIES) -m pip install --quiet --disable-pip-version-check --no-deps hydra-ray-launcher==1.2.2  # it requires an old cloudpickle
	@ENVCFG_LIBRARIES=1 $(LIBRARIES) -m pytest -rs $(foreach alone,rllib programs lightning lightning_wandb resume homes cleanrl grid,--ignore tests/libraries/test_$(alone).py) \
	  tests/libraries tests/adapters/test_gymnasium.py tests/adapters/test_hydra_same_files.py
	@ENVCFG_LIBRARIES=1 $(LIBRARIES) -m pytest tests/libraries/test_rllib.py  # alone, because a process that has used Ray must not fork
	@$(MAKE) --no-print-directory test-programs

# Each extra gets its own environment, and runs the tests that scripts/least_versions.py names for it. A test is skipped if it
# says that it needs another extra. Of torch only the release in constraints.txt is tested, because no other build
# can be installed where this is developed. All extras are tried, also if the tests of one fail.
test-minimum: $(READY)
	@$(BIN)/python scripts/test_minimum.py $(if $(filter file,$(origin TESTS)),,--tests "$(TESTS)") $(EXTRA)

# Hydra 1.4 warns about apps that are written for 1.3, as those of the tests are. hydra-ax-sweeper 1.2.0 and
# hydra-nevergrad-sweeper 1.2.0, the newest ones for Hydra 1.3, cannot be imported with Python 3.11 ("mutable default ... is
# not allowed"). Their pre-releases for Hydra 1.4 can. hydra-ray-launcher for Hydra 1.3 is tested by `make test-libraries`.
HYDRA ?= 1.3.2 1.4.0rc3
LEAST_OF := $(BIN)/python scripts/least_versions.py
HYDRAS := .venv-hydra/$(SCRIPTS)/python
WITH_1.3 := omegaconf==2.3.0 hydra-joblib-launcher==1.2.0 hydra-submitit-launcher==1.2.0 hydra-optuna-sweeper==1.3.0
WITH_1.4 := omegaconf==2.4.1rc1 torch==2.13.0 $(foreach plugin,joblib-launcher submitit-launcher ray-launcher \
              optuna-sweeper ax-sweeper nevergrad-sweeper,hydra-$(plugin)==1.4.0rc3)

test-hydra: $(READY)
	@set -e; for hydra in $(HYDRA); do case $$hydra in 1.3.*) with="$(WITH_1.3)";; *) with="$(WITH_1.4)";; esac; \
	  echo "Hydra $$hydra with $$with:"; \
	  $(PYTHON) -m venv --clear .venv-hydra; \
	  $(HYDRAS) -m pip install --quiet --quiet --disable-pip-version-check -e . "hydra-core==$$hydra" $$with \
	    attrs hydra-zen numpy pydantic $$($(LEAST_OF) --tools core); \
	  PYTHONWARNINGS=ignore $(HYDRAS) -m pytest -W ignore -p allowed -rs tests/adapters/test_hydra_*.py; done

soak: $(READY)
	@$(BIN)/python -W ignore tests/soak/soak.py $(MINUTES)
	@$(BIN)/python -W ignore tests/hostile_readers.py

faults: $(READY)
	@$(BIN)/python -W ignore tests/faults.py 300

fuzz: $(READY)
	@for target in $$($(BIN)/python tests/fuzz/readers.py 2>/dev/null); do echo "$$target:"; \
	  $(BIN)/python tests/fuzz/readers.py $$target -max_total_time=$(SECONDS_EACH) -max_len=20000 2>&1 | tail -1 || exit 1; done

licences: $(READY)
	@$(BIN)/python scripts/licences.py

audit: $(READY)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check 'pip-audit>=2.7'
	@$(BIN)/python scripts/licences.py | awk -F '  ' '{print $$1 "==" $$2}' > .venv/packages.txt
	@$(BIN)/python -m pip_audit --no-deps --disable-pip --requirement .venv/packages.txt

dist: $(READY)
	@rm -rf dist
	@$(BIN)/python -m build
	@$(BIN)/python -m twine check --strict dist/*

PEERS := mlflow-skinny dvclive deepdiff jsonpatch aim
PEERS_READY := .venv-peers/.ready

$(PEERS_READY): pyproject.toml constraints.txt
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/$(SCRIPTS)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' $(PEERS)
	@touch $@

bench: $(PEERS_READY) browser
	@.venv-peers/$(SCRIPTS)/python benchmarks/page.py docs/performance.md $(ONLY)

clean:
	rm -rf .venv .venv-libraries .venv-homes .venv-agile .venv-programs .programs .venv-hydra .venv-minimum .venv-peers dist site outputs multirun
