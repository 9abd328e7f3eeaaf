"""Prompts as people type them to coding agents, invented: changes, questions, failures, operations.

The data folder's requests for code say what language and what function. To an agent people say
"make the header sticky": what it takes to know that this is code stands in no word of it. And they
say thanks, paste stack traces, and ask for things that have nothing to do with the repository.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from training.traces import log_lines, stack_trace

__all__ = [
    "BROAD",
    "KINDS",
    "TOOLS",
    "Broad",
    "Kind",
    "agent_prompts",
    "handwritten",
    "task_rows",
    "tool_names",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """What people want of an agent: as a route of its own, and among the labels of the tasks.

    ``open`` are labels of tasks, ``near`` other kinds, of which people would not agree whether such
    a prompt is theirs.
    """

    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    right: tuple[str, ...]
    open: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Broad:
    """A broad label: the kinds that are its, and those of which people would not agree."""

    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    right: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


_ALL_CODE: Final = (
    *("coding", "code_generation", "code_understanding", "unit_tests", "devops", "sql"),
    *("security", "data_analysis", "complex_reasoning", "reasoning"),
)

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "change": Kind(
            ("code changes", "implementation", "edit_code", "feature work", "refactoring"),
            (
                "changing code: new features, edits, refactoring and renaming",
                "implementing features in a code base",
                "editing files, adding functionality, cleaning up code",
                "requests to build, modify, move or remove something in the software",
                "generating new code snippets, functions, or boilerplate based on user prompts",
            ),
            ("code_generation", "coding"),
            ("unit_tests", "sql", "devops", "security", "data_analysis", "code_understanding"),
            ("tests",),
        ),
        "tests": Kind(
            ("tests", "test_writing", "qa"),
            ("writing tests for code", "unit tests, fixtures, mocks and coverage"),
            ("unit_tests", "coding", "code_generation"),
            ("code_understanding", "devops", "security"),
            ("change",),
        ),
        "failure": Kind(
            ("debugging", "bug_fixing", "troubleshooting", "failures"),
            (
                "finding and fixing bugs, errors and failing builds",
                "why something fails: crashes, stack traces, flaky tests, broken pipelines",
                "errors, exceptions and unexpected behaviour of software",
                "investigating what goes wrong in a program",
            ),
            ("code_understanding", "coding"),
            ("code_generation", "devops", "security", "sql", "unit_tests", "reasoning"),
            ("trace", "log", "question"),
        ),
        "question": Kind(
            ("code questions", "code_understanding", "code_search", "explain_code", "codebase q&a"),
            (
                "questions about a repository: where things are, how they work, who uses them",
                "understanding and explaining existing code, functions or libraries",
                "reading code: finding definitions, callers and settings",
                "explaining what the code base does and why",
                "understand and explain existing code snippets, functions, or libraries",
            ),
            ("code_understanding", "coding"),
            ("devops", "security", "sql", "unit_tests", "complex_reasoning", "reasoning"),
            ("failure",),
        ),
        "review": Kind(
            ("code review", "review", "pull_requests"),
            (
                "reviewing commits, diffs and pull requests",
                "judging changes before they are merged: bugs, style and risks",
            ),
            ("code_understanding", "coding"),
            ("security", "unit_tests", "reasoning", "complex_reasoning", "devops", "sql"),
        ),
        "plan": Kind(
            ("planning", "architecture", "system_design", "technical strategy"),
            (
                "planning and design before code is written: options, trade-offs, migrations",
                "architecture decisions and migration plans",
                "thinking through how a system should be built",
            ),
            ("complex_reasoning", "reasoning"),
            (*_ALL_CODE, "recommendations", "business_writing"),
        ),
        "operation": Kind(
            ("operations", "devops", "deployments", "release management", "infrastructure"),
            (
                "running software: deployments, servers, containers, releases and rollbacks",
                "operating services: restarts, scaling, certificates, versions",
                "infrastructure and release work",
            ),
            ("devops",),
            ("coding", "code_generation", "security", "code_understanding", "sql"),
        ),
        "trace": Kind(
            ("stack traces", "errors", "exceptions"),
            (
                "errors, exceptions and stack traces",
                "pasted error output of programs, compilers and test runs",
            ),
            ("code_understanding", "coding"),
            ("code_generation", "devops", "unit_tests", "security", "sql"),
            ("failure", "log", "question", "operation"),
        ),
        "log": Kind(
            ("logs", "incidents"),
            ("log output of servers and services", "incidents, outages and log analysis"),
            ("devops",),
            (*_ALL_CODE,),
            ("failure", "trace", "question", "operation"),
        ),
        "chat": Kind(
            ("chat", "smalltalk", "greetings"),
            ("greetings, thanks and small talk", "friendly words without any task"),
            ("smalltalk",),
        ),
    }
)

BROAD: Final[Mapping[str, Broad]] = MappingProxyType(
    {
        "development": Broad(
            ("coding", "programming", "software", "developer", "engineering", "code", "dev_tasks"),
            (
                "anything to do with source code: writing, fixing, explaining and reviewing it",
                "programming and work on a code base",
                "software engineering tasks and questions",
                "code, tests, builds and repositories",
                "help for programmers",
                "coding tasks, debugging and questions about code",
                "writing and changing code, finding bugs, reading repositories",
            ),
            ("change", "tests", "failure", "question", "review", "trace"),
            ("operation", "plan", "log"),
        ),
        "build": Broad(
            ("implementation", "build", "make changes", "execute"),
            (
                "building features, refactoring and writing tests",
                "carrying out changes to the software",
                "implementing, editing and extending code",
            ),
            ("change", "tests"),
            ("failure", "trace", "operation", "review"),
        ),
        "understand": Broad(
            ("investigation", "analysis of code", "explore", "diagnose"),
            (
                "reading and searching code, explaining behaviour and finding root causes",
                "finding out how the software works or why it fails",
            ),
            ("question", "failure", "trace"),
            ("log", "review", "plan"),
        ),
        "design": Broad(
            ("architecture", "design", "strategy"),
            ("system design, trade-offs and plans", "thinking before building"),
            ("plan",),
            ("question", "review"),
        ),
        "running": Broad(
            ("operations", "infrastructure", "sre", "on call"),
            (
                "deployments, servers, releases, logs and incidents",
                "keeping services running",
            ),
            ("operation", "log"),
            ("failure", "trace"),
        ),
        "talk": Broad(
            ("chat", "small talk", "quick chat"),
            ("greetings, thanks and chat", "talk without a task"),
            ("chat",),
        ),
        **{
            name: Broad((name,), (text,))
            for name, text in {
                "writing": "drafting and improving texts, emails, articles and stories",
                "data": "spreadsheets, charts, statistics and reports",
                "travel": "trips, flights and hotels",
                "cooking": "recipes and meals",
                "finance": "investing, taxes and bank accounts",
                "legal": "contracts, laws and disputes",
                "health": "symptoms, treatments and fitness",
                "marketing": "campaigns, slogans and social media",
                "hr": "hiring, leave and payroll",
                "languages": "translating and learning languages",
                "sports": "matches, teams and training plans",
                "music": "songs, artists and playlists",
                "general knowledge": "facts about history, geography and science",
                "home": "lights, heating, alarms and shopping lists",
                "images": "pictures, logos and illustrations",
                "support": "orders, deliveries and refunds of customers",
            }.items()
        },
    }
)
"""Labels as broad as people's routes are, and some that nothing said to a coding agent is for."""

_WIDGETS = """navigation bar, login form, search box, price column, date picker, settings page,
welcome banner, error message, dropdown, landing page, user table, tooltip, modal, progress bar,
notification bell, cookie notice, profile page, chart legend, hero image, contact form, side menu,
filter panel, submit button, empty state, breadcrumb, product card, onboarding screen, dashboard"""
_LOOKS = """sticky, wider, blue, responsive, sortable, optional, keyboard accessible, lazy,
translucent, scrollable, bigger on phones, draggable, red when it is invalid, disabled while
loading, rounded, dismissible, full width, right aligned, hidden for guests"""
_FEATURES = """CSV export, password reset, two-factor login, webhooks, soft delete, rate limiting,
a dry-run flag, email notifications, audit logging, gzip compression, a health endpoint, undo,
infinite scroll, drag and drop, a retry with backoff, an admin role, bulk import, PDF invoices,
single sign-on, localisation, a light theme, keyboard shortcuts, autosave, tags, full-text search,
a rate limit of ten per minute, cursor pagination, idempotency keys, structured logging, metrics,
image thumbnails, a --verbose option, support for SQLite, an expiry date for links, api tokens"""
_NAMES = """OrderService, parse_config, UserRepo, getTotals, fetchAll, the Payment class,
utils.ts, main.go, the session store, BillingClient, normalize(), the queue worker, the http
client, schema.sql, the event bus, TokenFilter, the scheduler, auth.py, the upload handler,
app.rs, useCart, the mailer, StockSync, the csv reader, renderRow, config.yml, the cli,
ReportBuilder, the cache layer, index.html, the Dockerfile, lib/geo, the graphql resolver,
PriceList, validateInput, the migration, the router"""
_VERSIONS = """node 22, python 3.13, the latest Django, Java 21, React 19, TypeScript 5, Go 1.23,
Rails 8, Vue 3, postgres 17, pydantic v2, tailwind 4, the new SDK, webpack 5, .NET 9, Gradle 8"""
_PARTS = """checkout, the import, billing, the scheduler, sign-up, image upload, the sync job,
search, the websocket connection, the report, password reset, the cron job, the mobile build, the
login, the export, the cache, pagination, the webhook, the email queue, the e2e suite, the docker
image"""
_VERBS = """memoize, debounce, throttle, batch, validate, sanitize, sort, group, filter, round,
truncate, center, resize, animate, preload, deduplicate, parallelize, log, guard, toggle, disable,
enable, reorder, inline, extract, rewrite, merge, encrypt, compress, index, persist, expose,
deprecate, lowercase, escape, trim, localise, mock, seed, duplicate, collapse, highlight"""
_THINGS = """user ids, timestamps, prices, error codes, uploads, drafts, avatars, email addresses,
tokens, headers, old sessions, feature flags, query results, search hits, phone numbers, webhook
events, orders, currency symbols, log lines, environment variables, translations, cookies,
attachments, permissions, retries, default values, tax rates, file names, image sizes, background
jobs, cache keys, icons, roles"""
_EVENTS = """the token expires, the list is empty, the user logs out, two requests come at once,
the network drops, the file is missing, the input is negative, a payment is declined, I refresh
the page, the queue is full, the form is submitted twice, the server restarts, the cache is cold,
I switch tabs, the screen is small, the name has an umlaut, there is no config file, the clock
changes, I press escape, somebody deletes the account, the upload is cancelled, the database is
down, a job is retried"""
_NUMBERS = "2, 3, 5, 10, 30, 42, 100, 250, 404, 1.4.2, 2.0, 3000, 0"
_TARGETS = """production, staging, the preview environment, the canary, the eu cluster, the test
server, the worker pool, the api pods, redis, the gateway, the database replica, the frontend"""

_TEMPLATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "change": """make the {widget} {look}
the {widget} should be {look}
add {feature}
add {feature} to {name}
implement {feature}
we need {feature}
can you add {feature} please
please build {feature} for the {widget}
remove the {widget}
delete {name}, nobody uses it
rename {name} to something clearer
refactor {name}
clean up {name}
move {name} into a module of its own
simplify {name}
upgrade to {version}
migrate {name} to {version}
switch from {version} to {other}
put a {widget} on the {other_widget}
replace {name} with {other_name}
let customers use {feature}
when there is an error, show the {widget}
inline {name}
document {name} with docstrings
make {name} async
add types to {name}
get {name} to handle empty input
change the default of the {widget}
hook {name} up to {other_name}
finish the TODO in {name}
go ahead and do it
do the same for {name}
create a new page with a {widget}
I want the {widget} to be {look}
bring back the {widget}
update the dependencies
fix the lint warnings
stop {name} from logging so much
use {name} instead of {other_name}
the {widget} is missing, put it in
{verb} {name}
{verb} the {thing}
{verb} the {thing} in {name}
can we {verb} the {thing}
{verb} the {thing} before {event}
if {event}, show the {widget}
when {event}, {verb} the {thing}
hide the {widget} when {event}
the {thing} should be {look}
the {widget} must say {number} instead
default to {number}
set the timeout to {number}
raise the limit to {number}
bump {part} to {number}
accept {thing} as well
handle {thing} too
allow {thing} in {part}
{name} should use {other_name}
take {thing} out of {name}
break {name} up
{name} is too complicated
{name} is getting huge
make it configurable
make this faster
make {name} return early
keep the {thing} when {event}
wrap {name} in a transaction
port {name} to {version}
same for the {thing}
also do that for {part}
continue with {part}
now the same in {name}
undo that
revert the last edit
put the {thing} behind a flag
translate the {widget} into German
store the {thing} in the database
the {thing} needs an index
write a script that can {verb} the {thing}
I need a script for the {thing}
a shell script to clean up the {thing} every week
write a function to {verb} the {thing}
I need a function that returns the {thing}
create a component for the {widget}
build a {widget} component
build a page that renders the {thing}
generate a class for the {thing}
create an endpoint that returns the {thing}
scaffold a new service for {part}
write the code for {feature}
a small program that can {verb} the {thing}""",
        "tests": """write tests for {name}
add a unit test for {part}
{name} needs tests
test the error branch of {name}
raise the coverage of {name}
add an integration test for {part}
write a regression test for that bug
use fixtures in the tests of {name}
stub out {name} in the tests
test that {event} is handled
{part} is not tested
cover {part}
assert that the {thing} is {look}
parametrize the tests of {name}
add a snapshot test for the {widget}
the tests should not need the network
write a spec for {name}
check the {thing} in a test""",
        "failure": """{part} is broken
{part} fails on my machine
{part} fails with a timeout
why does {part} fail
why is {part} so slow
why is {name} called twice
{part} stopped working since yesterday
the build fails
the pipeline is red, please have a look
the tests pass locally but not in the pipeline
{name} throws an exception
{name} returns null
I get a 500 from {part}
find out why {part} crashes
{part} gives me the wrong result
fix the bug in {name}
fix the failing tests
still broken
it does not compile any more
the {widget} does not show up
the {widget} flickers when I scroll
after upgrading to {version} {part} stopped working
there is a race condition in {name}, find it
something is off with {part}
{name} leaks memory
the {widget} is blank in Safari
debug {part}
cannot reproduce the crash in {part}, ideas?
merge conflict in {name}, help
{part} breaks when {event}
when {event} {part} dies
{event} and then nothing happens
the {thing} is wrong
the {thing} is empty after {event}
why is the {thing} always {number}
{part} exits with code {number}
{part} takes {number} seconds
it worked yesterday
same error again
that did not help
nothing happens when I click the {widget}
pressing the {widget} has no effect
the page stays white
users say {part} is down
{part} only fails in the pipeline
{part} eats all the memory
{part} is stuck
there is a bug in {part}
ci says {number} tests failed
the {thing} shows up twice
{version} will not install
cannot connect to {target}
track down why {event}
the numbers in {part} do not add up""",
        "question": """where is {name} defined
where do we handle {part}
where does {feature} live
how does {name} work
how is {part} implemented
what does {name} do
what is {name} for
who uses {name}
which file contains the {widget}
explain {name}
explain how {part} works
what calls {name}
show me where {name} is created
is there something like {feature} already
do we have {feature}
which endpoints use {name}
how are errors handled in {name}
give me an overview of this repo
what is the difference between {name} and {other_name}
why does {name} need {other_name}
how do I run {part} locally
what depends on {name}
which version of {version} are we on
list all places that touch {name}
can {name} return nothing
what would happen if I removed {name}
how is {name} tested
summarise what this module does
tell me about {name}
where do the {thing} come from
where is the {thing} set
which {thing} does {part} use
what happens if {event}
what happens to the {thing} after {event}
who writes the {thing}
is the {thing} cached
is there a function for the {thing}
does {part} use {name}
why is {part} done this way
why do we keep the {thing}
what is in {name}
what is this folder for
what does this line mean
read {name} and tell me what it does
trace how {part} gets its {thing}
find all uses of {name}
how many {thing} do we have
how do the {thing} reach {part}
what does the {number} stand for
when is {name} called
walk through {part} with me
describe the structure of the project
what are the parameters of {name}
where are the tests for {part}
how would I call {name} from {part}
what is the type of the {thing}
understand {part} first and report back
explain this code""",
        "review": """review my changes
review this pull request
check {name} for bugs
have a look at my commit and tell me what is wrong
is this change to {name} safe
what do you think of my diff
review {name}
find problems in {name} before I merge
do a security review of {name}
critique the api of {name}
does this branch break anything
look through the open PR for {feature}
code review please
is this ready to merge
would you approve this
go over what I changed in {part}
feedback on my last commits please
look at my changes before I commit
did I miss anything in {part}
read the diff and comment on it
check the branch for mistakes
any concerns about the way I changed {name}""",
        "plan": """plan the move to {version}
how would you design {feature}
propose an architecture for {feature}
make a plan for {feature}, no code yet
think through how {feature} should work before we start
what is the best way to split {name}
should we use {version} or {other}
outline the steps to replace {name}
compare two designs for {feature}
what are the risks of moving to {version}
write a design proposal for {feature}
break {feature} down into tasks
how could {part} scale to a million users
give me three options for {part} with trade-offs
draft a roadmap for getting rid of {name}
how could we support {feature}
how should {part} evolve
what would it take to move {part} to {version}
which approach would you take for {feature}
do not write code, only think about {feature}
what are our options for {part}
pros and cons of {feature} for {part}
how do we get from {version} to {other} without downtime
design {feature}
sketch how {part} and {name} should talk to each other
where should {feature} live in the architecture
estimate the work for {feature}""",
        "operation": """deploy to {target}
deploy this branch to {target}
restart {target}
roll {target} back
what is running on {target}
scale {target} up
release a new version
publish the package
bump the version
tag the release
run the migrations on {target}
show the logs of {target}
check the health of {target}
drain {target}
rotate the keys of {target}
clear the cache on {target}
set up a cron job on {target}
create a backup of {target}
open port 443 on {target}
install {version} on {target}
merge and ship it
push to main
free up disk space on {target}
ship it to {target}
promote staging to {target}
{target} is full, clean up
give {target} more memory
move {target} to another region
pause {target}
redeploy {target} with the old image
set the replicas of {target} to {number}
cut version {number}
upload the new build
update the certificate of {target}
turn {target} off for tonight
restore last night's backup on {target}
who is logged in on {target}
add a dns record for {target}
stop the deploy""",
    }
)
_CHAT: Final = """thanks
thank you
thanks a lot
thanks, works now
perfect, thanks
thank you so much for your help
great
great, thanks
awesome
nice
nice work
well done
cool
ok
okay
ok thanks
alright
got it
I see
makes sense
that was it
that helped
that's it for now
that's everything
bye
goodbye
see you tomorrow
have a nice weekend
hi
hello
hey
hey, how are you
good morning
good afternoon
hello there
are you there
yo
yes
no
yep
sure
fine
lovely
wonderful
brilliant
amazing, you saved my day
I appreciate it
no worries
never mind, I found it
forget it
sorry
haha
wow
congrats
merry christmas
hmm
all good
looks good
sounds great
done, thanks
you are welcome
cheers
take care
talk to you later
:)"""
_BEFORE: Final = (
    *("please ", "can you ", "could you ", "hey, ", "ok, ", "now ", "next: ", "also ", "pls "),
)
_BEHIND: Final = (" please", ", thanks", " asap", " for me", " as well", " today")

TOOLS: Final = (
    ("Bash", "Edit", "Read", "Write", "Grep", "Glob", "WebFetch", "WebSearch", "TodoWrite", "Task"),
    ("shell", "apply_patch", "update_plan", "view_image", "web_search"),
    ("exec_command", "write_stdin", "apply_patch", "update_plan"),
    ("bash", "edit", "write", "read", "grep", "glob", "list", "patch", "todowrite", "webfetch"),
    ("execute_command", "read_file", "write_to_file", "replace_in_file", "search_files"),
    ("read_file", "edit_file", "run_terminal_cmd", "codebase_search", "grep_search", "list_dir"),
    ("str_replace_editor", "bash", "submit"),
    ("run_in_terminal", "create_file", "insert_edit_into_file", "semantic_search", "get_errors"),
)
"""What coding agents call their tools."""

_OTHER_TOOLS: Final = """get_weather, search_web, send_email, create_event, calculator,
lookup_order, get_stock_price, search_documents, query_database, translate_text, book_flight,
get_time, fetch_url, create_ticket, list_invoices, get_user, search_products, set_reminder,
play_music, generate_image"""


_HANDWRITTEN: Final = Path(__file__).with_name("agent_prompts.txt")
_HANDWRITTEN_SHARE: Final = 0.5


@cache
def handwritten() -> Mapping[str, Sequence[str]]:
    """The hand-written prompts of each kind that has some."""
    found: dict[str, list[str]] = {}
    for line in _HANDWRITTEN.read_text().splitlines():
        if line.startswith("# "):
            found[line[2:]] = kind = []
        else:
            kind.append(line)
    return found


def agent_prompts(seed: int, count: int) -> Iterator[tuple[str, str]]:
    """``count`` prompts of each kind, with the kind: (text, kind)."""
    chance = random.Random(seed)
    chat = (*_CHAT.splitlines(), *handwritten()["chat"])
    for _ in range(count):
        for kind in KINDS:
            if kind == "chat":
                yield _cased(chance.choice(chat), chance), kind
            elif kind in handwritten() and chance.random() < _HANDWRITTEN_SHARE:
                yield _surrounded(chance.choice(handwritten()[kind]), chance), kind
            elif kind == "trace":
                yield stack_trace(chance), kind
            elif kind == "log":
                yield log_lines(chance), kind
            else:
                yield _filled(kind, chance), kind


def task_rows(seed: int, count: int) -> Iterator[dict[str, Any]]:
    """The same as ``llm_tasks.jsonl`` has its rows."""
    for text, kind in agent_prompts(seed, count):
        row = KINDS[kind]
        yield {"text": text, "positive": list(row.right), "ambiguous": list(row.open)}


def tool_names(chance: random.Random, *, agents: bool) -> tuple[str, ...]:
    """Tools such as a request may carry, a coding agent's or any."""
    if agents:
        tools: Sequence[str] = chance.choice(TOOLS)
        return tuple(chance.sample(tools, chance.randint(3, len(tools))))
    return tuple(chance.sample(_items(_OTHER_TOOLS), chance.randint(1, 5)))


_SLOTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "widget": _WIDGETS,
        "other_widget": _WIDGETS,
        "look": _LOOKS,
        "feature": _FEATURES,
        "name": _NAMES,
        "other_name": _NAMES,
        "version": _VERSIONS,
        "other": _VERSIONS,
        "part": _PARTS,
        "target": _TARGETS,
        "verb": _VERBS,
        "thing": _THINGS,
        "event": _EVENTS,
        "number": _NUMBERS,
    }
)


def _filled(kind: str, chance: random.Random) -> str:
    template = chance.choice(_TEMPLATES[kind].splitlines())
    fills = {
        slot: chance.choice(_items(_SLOTS[slot])) for slot in re.findall(r"\{(\w+)\}", template)
    }
    return _surrounded(template.format(**fills), chance)


def _surrounded(text: str, chance: random.Random) -> str:
    if chance.random() < 0.15:
        text = f"{chance.choice(_BEFORE)}{text}"
    elif chance.random() < 0.1:
        text += chance.choice(_BEHIND)
    return _cased(text, chance)


def _cased(text: str, chance: random.Random) -> str:
    if chance.random() < 0.3:
        text = text[0].upper() + text[1:]
    if chance.random() < 0.25:
        text += chance.choice((".", "?", "!", "..."))
    return text


def _items(listing: str) -> list[str]:
    return [item.strip() for item in listing.replace("\n", " ").split(",")]
