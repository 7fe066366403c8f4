# Everything a newcomer needs: `make demo` and `make test`. Both set up what they need in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test coverage check bench torture clean

demo: $(READY)
	$(BIN)/vaultkit demo

TESTS := pytest -n auto --dist loadfile --no-loadscope-reorder

test: check
	$(BIN)/python -m $(TESTS)

coverage: $(READY)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m $(TESTS)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m tests.bench

torture: $(READY)
	VAULTKIT_ROUNDS=200 $(BIN)/python -m pytest tests/scenarios/test_claim_race.py -v
	VAULTKIT_CREW=20 VAULTKIT_HANDS=100 $(BIN)/python -m pytest tests/scenarios/test_crew.py \
	tests/scenarios/test_many_hands.py -q -o timeout=0
	VAULTKIT_MANY=10000 $(BIN)/python -m pytest tests/scenarios/test_many_at_once.py -v
	VAULTKIT_ROUNDS=20000 VAULTKIT_SEEDS=4000 $(BIN)/python -m pytest tests/sim -q -o timeout=0
	VAULTKIT_KILLS=all VAULTKIT_DOUBLE_KILLS=1000 $(BIN)/python -m pytest tests/kills -n auto -q -o timeout=0
	VAULTKIT_ENTRIES=2000000 $(BIN)/python -m pytest tests/security/test_fuzz_trees.py -q -o timeout=0
	VAULTKIT_SOAK=$${VAULTKIT_SOAK:-3600} VAULTKIT_SOAK_NOTES=$${VAULTKIT_SOAK_NOTES:-10000} \
	VAULTKIT_SOAK_KILL_EVERY=$${VAULTKIT_SOAK_KILL_EVERY:-60} VAULTKIT_SOAK_STRICT=1 \
	$(BIN)/python -m pytest tests/soak -q -s -o timeout=0

clean:
	rm -rf $(VENV) .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "vaultkit needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	touch $(READY)
