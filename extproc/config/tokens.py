"""Bearer tokens of metric sources: looked up like access keys, and set apart like them."""

from __future__ import annotations

from collections.abc import Mapping

from extproc.config.environment import reference
from extproc.config.keys import Keys, objection, variable_for
from extproc.config.metrics_schema import CostMetricsEntry
from extproc.config.problems import Problem, place
from extproc.config.reading import Sections
from extproc.config.values import Secrets

__all__ = ["collect_tokens"]


def collect_tokens(
    sections: Sections, environ: Mapping[str, str], taken: Mapping[str, str]
) -> Keys:
    """Look up every token; one that is written out gets a variable that is not yet ``taken``."""
    variables: dict[int, str] = {}
    values = dict(taken)
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for index, entry in sections.sources.items():
        if not isinstance(entry, CostMetricsEntry) or entry.auth is None:
            continue
        path = place("model_metrics_sources", index, "auth", "token")
        text = entry.auth.token.strip()
        variable = reference(text)
        value = environ.get(variable, "").strip() if variable else text
        if message := objection(text, variable, value, environ):
            problems.append(Problem(path, message))
            continue
        if variable is None:
            if text in environ:
                warnings.append(Problem(path, f"taken literally; for the variable write ${text}"))
            variable = variable_for(text, values, environ)
        variables[index] = variable
        values[variable] = value
    return Keys(variables, Secrets(values), tuple(problems), tuple(warnings))
