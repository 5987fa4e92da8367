# `make deck` and `make test` need git, make and Python 3.11 or newer, and install the rest into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL_SELF := $(PIP) install --no-deps --no-build-isolation --editable .

.PHONY: deck test lint format pictures corpus fuzz fuzz-templates kills edits quality train startup performance review-speed lock clean

deck: $(VENV)/run
	$(BIN)/tmscards build

# The newest Anki is in the test extras; the package is tried in these older ones too, each in an environment of its own.
ANKI_VERSIONS := 2.1.55 2.1.66 23.12.1 24.11 25.9.5

test: $(VENV)/test $(ANKI_VERSIONS:%=$(VENV)/anki-%/ready) $(VENV)/node/ready lint
	$(BIN)/python -m pytest

TSC := $(VENV)/node/node_modules/.bin/tsc
BIOME := $(VENV)/node/node_modules/.bin/biome check --config-path=requirements --error-on-warnings
PAGES := src/tmscards/web src/tmscards/review/page

lint: $(VENV)/test $(VENV)/node/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(TSC) --project requirements
	$(BIOME) $(PAGES)

format: $(VENV)/test $(VENV)/node/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIOME) --write $(PAGES)

# The pictures in the documentation; needs Chromium.
pictures: $(VENV)/test
	$(BIN)/python docs/make_pictures.py
	$(BIN)/python docs/make_review_pictures.py

# Read every note below a folder and count its timestamps: make corpus NOTES=path
corpus: $(VENV)/run
	$(BIN)/python benchmarks/read_corpus.py $(NOTES)

# Mutate the notes of a folder, and see each built or refused with a message: make fuzz NOTES=path COUNT=20000
COUNT ?= 2000
fuzz: $(VENV)/run
	$(BIN)/python benchmarks/fuzz.py $(or $(NOTES),notes) $(COUNT)

# Mutate every template that comes along, and see each refused with a message or make all its cards in the real Anki.
fuzz-templates: $(VENV)/test
	for template in templates/*/; do $(BIN)/python benchmarks/fuzz_templates.py $$template $(COUNT) || exit 1; done

# Kill 200 builds of 200 sources at random moments, and see that nothing is lost.
kills: $(VENV)/run
	$(BIN)/python benchmarks/kills.py

# Edit the sentences of a folder's notes, and count how many notes stay the same ones: make edits NOTES=path
edits: $(VENV)/run
	$(BIN)/python benchmarks/edits.py $(NOTES)

# How good the cards are on notes labelled by hand, and the picture of it: make quality LABELLED="folder folder"
quality: $(VENV)/run
	$(BIN)/python benchmarks/quality.py $(LABELLED) --picture docs/quality.svg

# Fit the ranker's weights anew, in three quarters of an hour: make train LABELLED="folder folder" UNLABELLED=folder LEAVE_OUT="folder"
train: $(VENV)/train
	$(BIN)/python training/fit_ranker.py prepare $(VENV)/rows $(addprefix --labelled ,$(LABELLED)) \
	  --unlabelled $(UNLABELLED) $(addprefix --leave-out ,$(LEAVE_OUT) $(LABELLED))
	$(BIN)/python training/fit_ranker.py teach $(VENV)/rows $(VENV)/opinions
	$(BIN)/python training/fit_ranker.py fit $(VENV)/rows $(VENV)/opinions --weights src/tmscards/weights.npz

startup: $(VENV)/run
	$(BIN)/python benchmarks/startup.py

# How fast at every size, in twenty minutes, and the picture of it: make performance NOTES=path
performance: $(VENV)/run
	$(BIN)/python benchmarks/build_time.py $(NOTES)
	$(BIN)/python benchmarks/stages.py $(NOTES)
	$(BIN)/python benchmarks/scale.py $(NOTES) --picture docs/performance.svg
	$(BIN)/python benchmarks/watching.py $(NOTES)
	$(BIN)/python benchmarks/writing.py
	$(BIN)/python benchmarks/startup.py

# How fast the review page of 5,000 cards opens and answers; needs Chromium.
review-speed: $(VENV)/test
	$(BIN)/python benchmarks/review.py

$(VENV)/run: requirements/run.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("tmscards needs Python 3.11 or newer: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes --requirement requirements/run.txt
	$(INSTALL_SELF)
	touch $@

$(VENV)/test: requirements/test.txt $(VENV)/run
	$(PIP) install --require-hashes --requirement requirements/test.txt
	touch $@

$(VENV)/train: requirements/train.txt requirements/teacher.txt $(VENV)/run
	$(PIP) install --require-hashes --requirement requirements/train.txt
	$(PIP) install --require-hashes --no-deps --requirement requirements/teacher.txt
	touch $@

$(VENV)/anki-%/ready: requirements/anki-%.txt | $(VENV)/run
	$(BIN)/python -m venv --clear --without-pip $(VENV)/anki-$*
	$(PIP) --python $(VENV)/anki-$* install --require-hashes --requirement $<
	touch $@

# TypeScript and biome check the pages, and axe-core tells what of them is in the way of screen readers. npm ci compares
# each package with its hash in the lock.
$(VENV)/node/ready: requirements/package.json requirements/package-lock.json requirements/.npmrc
	mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --silent --no-audit --no-fund
	touch $@

# Pin the newest versions that pyproject.toml allows, with hashes and without addresses.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade
lock: $(VENV)/run
	$(PIP) install uv
	$(LOCK) pyproject.toml requirements/build.in --output-file requirements/run.txt
	$(LOCK) pyproject.toml requirements/build.in --extra test --constraint requirements/run.txt --output-file requirements/test.txt
	$(LOCK) requirements/train.in --constraint requirements/run.txt --output-file requirements/train.txt
	for version in $(ANKI_VERSIONS); do \
	  echo anki==$$version | $(LOCK) - --output-file requirements/anki-$$version.txt || exit 1; \
	done
	cd requirements && npm install --package-lock-only --save-exact --no-audit --no-fund \
	  @biomejs/biome@latest axe-core@latest typescript@latest

clean:
	rm -rf $(VENV) decks/*.apkg
