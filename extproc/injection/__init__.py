"""Prompt injections and jailbreaks: how much a text looks like one, by the embedded encoder."""
