"""Prompts that the data folder lacks: technical comparisons, programs in many languages, look-ups.

Its templates analyse everyday subjects only, and it leaves open whether a plain look-up ("what is
the capital of ...") wants complex reasoning. Here it does not.
"""

from __future__ import annotations

from itertools import product

import numpy as np

__all__ = ["Example", "supplement"]

Example = tuple[str, list[str], list[str]]
"""A prompt, its labels, and the labels that are neither right nor wrong for it."""

_PAIRS = """SQL/NoSQL databases, REST/GraphQL, threads/async event loops, TCP/UDP,
caching at the edge/caching in the database, a message queue/direct HTTP calls,
strong consistency/eventual consistency, serverless functions/containers,
static typing/dynamic typing, a mono repository/many small repositories,
horizontal scaling/vertical scaling, optimistic locking/pessimistic locking,
event sourcing/plain tables, batch processing/stream processing,
garbage collection/manual memory management, a data warehouse/a data lake,
renting servers/owning a data centre, an index/a full table scan,
remote teams/teams in one office, nuclear power/solar power,
a fixed mortgage/a variable mortgage, free trade/tariffs,
hiring specialists/hiring generalists, layered designs/hexagonal designs,
synchronous replication/asynchronous replication, a public cloud/a private cloud"""
_ANALYSES = """what are the trade-offs of {0} versus {1}
when would you choose {0} over {1}, and why
analyse the consequences of moving from {0} to {1}
explain in detail how {0} differs from {1} and what follows from it
weigh {0} against {1} for a growing company
walk me through the reasoning behind preferring {0} to {1}
give a detailed explanation of the advantages and drawbacks of {0} compared with {1}"""
_PROGRAMS = """merge sort, heap sort, bubble sort, depth first search, breadth first search,
Dijkstra's algorithm, a trie, a linked list, an LRU cache, the sieve of Eratosthenes,
matrix multiplication, fizzbuzz, a priority queue, a red black tree, a thread pool, a tokenizer,
a JSON parser, a hash map, a web scraper, a rate limiter, the Fibonacci sequence, an HTTP server,
a ring buffer, a bloom filter, topological sort, levenshtein distance, a todo app,
a binary tree traversal"""
_LANGUAGES = """Python, Java, C, C++, Kotlin, Swift, Ruby, Scala, Haskell, TypeScript, JavaScript,
PHP, C#, Elixir"""
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

_ANALYSIS_LABELS = ["complex_reasoning", "reasoning"]
_ANALYSIS_OPEN = ["factual_qa", "education", "finance", "coding", "code_understanding", "devops"]
_ANALYSIS_OPEN += ["security", "math", "data_analysis", "recommendations"]
_PROGRAM_LABELS = ["code_generation", "coding"]
_PROGRAM_OPEN = ["devops", "sql", "unit_tests", "security", "data_analysis", "complex_reasoning"]
_PROGRAM_OPEN += ["education", "code_understanding"]
_LOOKUP_LABELS = ["factual_qa"]
_LOOKUP_OPEN = ["education", "language_learning", "news", "travel_planning"]


def supplement(rng: np.random.Generator, count: int) -> list[Example]:
    """``count`` examples of each of the three kinds."""
    pairs = [pair.split("/") for pair in _items(_PAIRS)]
    pairs += [[second, first] for first, second in pairs]
    analyses = [line.format(*pair) for line, pair in product(_ANALYSES.splitlines(), pairs)]
    programs = _filled(_ORDERS, _PROGRAMS, _LANGUAGES)
    places = _filled(_LOOKUPS, _FACTS, _PLACES)
    trivia = _TRIVIA.splitlines()
    examples: list[Example] = []
    for _ in range(count):
        lookup = _pick(rng, trivia if rng.random() < 0.5 else places)
        examples += [
            (_varied(rng, _pick(rng, analyses)), _ANALYSIS_LABELS, _ANALYSIS_OPEN),
            (_varied(rng, _pick(rng, programs)), _PROGRAM_LABELS, _PROGRAM_OPEN),
            (_varied(rng, lookup), _LOOKUP_LABELS, _LOOKUP_OPEN),
        ]
    return examples


def _items(listing: str) -> list[str]:
    return [item.strip() for item in listing.replace("\n", " ").split(",")]


def _filled(templates: str, first: str, second: str) -> list[str]:
    slots = list(product(_items(first), _items(second)))
    return [line.format(*slot) for line, slot in product(templates.splitlines(), slots)]


def _pick(rng: np.random.Generator, texts: list[str]) -> str:
    return texts[int(rng.integers(len(texts)))]


def _varied(rng: np.random.Generator, text: str) -> str:
    return text[0].upper() + text[1:] if rng.random() < 0.5 else text
