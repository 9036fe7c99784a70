# Everything happens in .venv; nothing needs installing by hand but Python (3.11 or newer) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
RUN_DIR ?= runs/$(shell date -u +%Y%m%dT%H%M%SZ)
PLANS ?= testplans
# Only tests of the rig itself run side by side; a bench, virtual or not, has one holder.
JOBS ?= 2

.PHONY: run test check plan-book bench soak clean

run: $(STAMP) $(VENV)/.report-tools ## the plans on the virtual bench, then the report
	@echo "==> running $(PLANS) on the virtual bench, record in $(RUN_DIR)"
	@status=0; $(BIN)/python -m pytest $(PLANS) --run-dir $(RUN_DIR) $(PYTEST_ARGS) || status=$$?; \
	echo "==> making the report"; $(BIN)/rig report $(RUN_DIR) || status=$$?; exit $$status

test: $(STAMP) ## the tests of the rig itself
	@echo "==> testing the rig, on $(JOBS) cores"
	@$(BIN)/python -m pytest tests -m "not wall_clock" --numprocesses $(JOBS) --dist worksteal $(PYTEST_ARGS)
	@echo "==> testing what is judged by wall time, on its own"
	@$(BIN)/python -m pytest tests -m wall_clock $(PYTEST_ARGS)

check: $(STAMP) ## format, lint, types
	@echo "==> format"; $(BIN)/ruff format --check .
	@echo "==> lint"; $(BIN)/ruff check .
	@echo "==> types"; $(BIN)/mypy

plan-book: $(STAMP) ## the table in docs/plans.md, made anew from the collected plan
	@$(BIN)/python -m rig.plan_book

bench: $(STAMP) ## the benchmarks, each prints a table
	@for file in $$(grep -l __main__ benchmarks/*.py); do name=$$(basename $$file .py); echo "==> $$name"; \
	  $(BIN)/python -m benchmarks.$$name || exit 1; done

soak: $(STAMP) ## what is too long for CI: RIG_SOAK times the bounded samples of the tests
	@echo "==> long series, twenty times the samples of make test (half an hour)"
	@RIG_SOAK=$${RIG_SOAK:-20} $(BIN)/python -m pytest tests/rig/virtual/soak tests/rig/chademo/roles \
	  tests/conformance/test_every_driver_under_faults.py \
	  tests/conformance/test_every_port_survives_garbage.py \
	  tests/rig/bench/test_random_stimuli.py tests/rig/test_trip_truth.py \
	  tests/rig/measure/test_trip_time.py $(PYTEST_ARGS)
	@echo "==> defects just inside and just outside of limits, at twenty noises (ten minutes)"
	@RIG_SOAK=$${RIG_SOAK:-20} $(BIN)/python -m pytest tests/rig/qualify/test_sizes.py $(PYTEST_ARGS)
	@echo "==> the plan against every seeded defect and 50 healthy units (an hour on two cores)"
	@$(BIN)/rig qualify --healthy $${RIG_SOAK_UNITS:-50}
	@echo "==> 200 kills at random times (half an hour)"
	@RIG_SOAK_KILLS=$${RIG_SOAK_KILLS:-200} $(BIN)/python -m pytest \
	  tests/rig/safety/test_random_kills.py $(PYTEST_ARGS)

$(STAMP): pyproject.toml
	@echo "==> making $(VENV) and installing the rig (a minute or two the first time)"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --editable ".[dev,plots,can]"
	@touch $@

# The report is made by Allure, a Node program: npm brings it; without npm a Node from PyPI does.
$(VENV)/.report-tools: $(STAMP)
	@command -v npm >/dev/null || { echo "==> no npm here: installing a packaged Node"; \
	  $(BIN)/python -m pip install --disable-pip-version-check --quiet --editable ".[html]" || true; }
	@$(BIN)/python -m reports.allure_tool || true
	@touch $@

clean:
	rm -rf $(VENV) .node build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
