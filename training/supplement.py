"""Prompts that the data folder lacks: analyses, programs in many languages, look-ups.

Its templates analyse everyday subjects only, and it leaves open whether a plain look-up ("what is
the capital of ...") wants complex reasoning. Here it does not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from typing import Any

__all__ = ["supplement"]

_PAIRS = """SQL/NoSQL databases, REST/GraphQL, threads/async event loops, TCP/UDP,
caching at the edge/caching in the database, a message queue/direct HTTP calls,
strong consistency/eventual consistency, serverless functions/containers,
static typing/dynamic typing, a mono repository/many small repositories,
horizontal scaling/vertical scaling, optimistic locking/pessimistic locking,
event sourcing/plain tables, batch processing/stream processing,
garbage collection/manual memory management, a data warehouse/a data lake,
renting servers/owning a data centre, an index/a full table scan,
layered designs/hexagonal designs, server side rendering/single page apps,
synchronous replication/asynchronous replication, a public cloud/a private cloud,
gRPC/JSON over HTTP, polling/webhooks, composition/inheritance, Redis/Memcached,
virtual machines/bare metal, feature flags/long-lived branches, React/Svelte,
reinforcement learning/supervised learning, decision trees/neural networks,
LoRA/full fine-tuning,
remote teams/teams in one office, nuclear power/solar power, ETFs/single shares,
a fixed mortgage/a variable mortgage, free trade/tariffs, capitalism/socialism,
hiring specialists/hiring generalists, buying a company/building the product ourselves,
high speed trains/short flights, universal basic income/targeted welfare, rent control/new housing,
organic farming/conventional farming, electric cars/hydrogen cars, freemium/paid subscriptions,
a parliamentary system/a presidential system, centralised procurement/local budgets"""
_COMPARISONS = """what are the trade-offs of {0} versus {1}
when would you choose {0} over {1}, and why
analyse the consequences of moving from {0} to {1}
explain in detail how {0} differs from {1} and what follows from it
weigh {0} against {1} for a growing company
walk me through the reasoning behind preferring {0} to {1}
give a detailed explanation of the advantages and drawbacks of {0} compared with {1}
compare {0} and {1}
compare and contrast {0} with {1}
{0} vs {1}: which is better in the long run?
pros and cons of {0} compared to {1}
should we use {0} or {1}? think it through
evaluate {0} against {1} on cost, risk and speed
discuss the strengths and weaknesses of {0} and {1}
explain the differences between {0} and {1} and when each makes sense
I cannot decide between {0} and {1}, help me reason about it"""
_MATTERS = """the fall of the Soviet Union, the dotcom crash, rising house prices, urban sprawl,
falling birth rates, the Great Depression, antibiotic resistance, the success of container shipping,
our high staff turnover, the drop in our conversion rate, slow query times under load,
cascading failures in distributed systems, memory leaks in long-running services, supply shortages,
the spread of misinformation, teacher shortages, the decline of newspapers, traffic congestion,
flaky tests in a large code base, the failure of our last product launch, voter apathy,
a drop in daily active users, vendor lock-in, technical debt, the replication crisis in psychology,
overfishing, the gender pay gap, the growth of streaming services,
cold starts in serverless systems"""
_CAUSES = """analyse the causes of {0}
why does {0} happen, and what follows from it? go deep
what explains {0}? break it down step by step
explain {0} in depth, with causes and consequences
give me a thorough analysis of {0}
what are the root causes of {0} and how could they be addressed
reason through the effects of {0} on small businesses
walk me through the factors behind {0}
what second-order effects does {0} have
think carefully about {0} and propose a strategy with risks
how would you tackle {0}? lay out the options and their trade-offs
critically assess the usual explanations of {0}"""
_MECHANISMS = """consensus in distributed databases, garbage collection, the Linux scheduler,
public key infrastructure, backpropagation, transformers and attention, the immune system,
monetary policy, plate tectonics, quantum error correction, the TLS handshake, B-trees,
content delivery networks, compilers, mRNA vaccines, option pricing, carbon markets, DNS resolution,
vector clocks, speculative execution, the electoral college, CRISPR, jet engines, escrow"""
_EXPLANATIONS = """explain in detail how {0} work and why it is done that way
give me a detailed explanation of {0}
explain {0} step by step, including the edge cases
a deep dive into {0}, please
what are the underlying principles of {0}, and where do they break down"""
_PROGRAMS = """merge sort, heap sort, bubble sort, depth first search, breadth first search,
Dijkstra's algorithm, a trie, a linked list, an LRU cache, the sieve of Eratosthenes,
matrix multiplication, fizzbuzz, a priority queue, a red black tree, a thread pool, a tokenizer,
a JSON parser, a hash map, a web scraper, a rate limiter, the Fibonacci sequence, an HTTP server,
a ring buffer, a bloom filter, topological sort, levenshtein distance, a todo app,
a binary tree traversal, a login page, a chat server, a snake game, an image carousel,
a password generator, a CSV importer, a markdown renderer, a file watcher, a GraphQL resolver"""
_LANGUAGES = """Python, Java, C, C++, Kotlin, Swift, Ruby, Scala, Haskell, TypeScript, JavaScript,
PHP, C#, Elixir, Rust, Go, Perl, Julia"""
_ORDERS = """write {0} in {1}
implement {0} in {1}
{0} in {1}
code {0} using {1}
build {0} with {1}
give me {0} in {1} please
I need {0} in {1}
show how to write {0} with {1}"""
_FACTS = """capital, population, currency, official language, largest city, president,
national animal, time zone"""
_PLACES = "Japan, Brazil, Egypt, Norway, Kenya, Peru, Italy, Poland, India, Mexico, Chile, Turkey"
_LOOKUPS = """what is the {0} of {1}
what's the {0} of {1}?
tell me the {0} of {1}
{1} {0}
do you know the {0} of {1}
name the {0} of {1}"""
_TRIVIA = """who wrote Moby Dick
who discovered penicillin
when did the Berlin wall fall
how tall is Mount Everest
how many planets are there
who painted Guernica
when was Mozart born
where is the Great Barrier Reef
what year did the Titanic sink
which river runs through Cairo
who invented the telephone
how far away is the moon
what is the boiling point of water
how many continents are there
who was the first person in space
what is the chemical symbol for gold"""

_ANALYSIS = ["complex_reasoning", "reasoning"]
_ANALYSIS_OPEN = [
    *["factual_qa", "education", "finance", "coding", "code_understanding", "devops", "security"],
    *["math", "data_analysis", "recommendations", "hr", "legal", "health", "news"],
]
_PROGRAM = ["code_generation", "coding"]
_PROGRAM_OPEN = ["devops", "sql", "unit_tests", "security", "data_analysis", "education"]
_PROGRAM_OPEN += ["code_understanding"]
_LOOKUP = ["factual_qa"]
_LOOKUP_OPEN = ["education", "language_learning", "news", "travel_planning"]


def supplement(seed: int, count: int) -> Iterator[dict[str, Any]]:
    """``count`` rows of each kind, as ``llm_tasks.jsonl`` has them; analyses thrice."""
    chance = random.Random(seed)
    pairs = [pair.split("/") for pair in _items(_PAIRS)]
    pairs += [[second, first] for first, second in pairs]
    comparisons = [line.format(*pair) for line, pair in product(_COMPARISONS.splitlines(), pairs)]
    causes = [line.format(item) for line, item in product(_CAUSES.splitlines(), _items(_MATTERS))]
    depths = product(_EXPLANATIONS.splitlines(), _items(_MECHANISMS))
    explanations = [line.format(item) for line, item in depths]
    programs = _filled(_ORDERS, _PROGRAMS, _LANGUAGES)
    places, trivia = _filled(_LOOKUPS, _FACTS, _PLACES), _TRIVIA.splitlines()
    for _ in range(count):
        for texts in (comparisons, causes, explanations):
            yield _row(chance.choice(texts), _ANALYSIS, _ANALYSIS_OPEN)
        yield _row(chance.choice(programs), _PROGRAM, _PROGRAM_OPEN)
        lookups = trivia if chance.random() < 0.5 else places
        yield _row(chance.choice(lookups), _LOOKUP, _LOOKUP_OPEN)


def _row(text: str, right: list[str], unsettled: list[str]) -> dict[str, Any]:
    return {"text": text, "positive": right, "ambiguous": unsettled}


def _items(listing: str) -> list[str]:
    return [item.strip() for item in listing.replace("\n", " ").split(",")]


def _filled(templates: str, first: str, second: str) -> list[str]:
    slots = list(product(_items(first), _items(second)))
    return [line.format(*slot) for line, slot in product(templates.splitlines(), slots)]
