#!/usr/bin/env bash
# Ask a running sidecar for its decisions, in the three formats. Nothing is forwarded to a provider.
set -euo pipefail
url=${DRAGOMAN_URL:-http://localhost:12000}

decide() { # TITLE PATH BODY [HEADER]
    printf '\n%s\n  POST %s%s\n' "$1" "$2" "${4:+, $4}"
    printf '  %s\n' "$(curl --silent --show-error --fail-with-body \
        --header 'content-type: application/json' ${4:+--header "$4"} --data "$3" "$url$2")"
}

decide 'A code prompt' /routing/v1/chat/completions '{
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "Write a Python function that implements binary search"}]}'

decide 'A reasoning prompt: the cheapest first' /routing/v1/chat/completions '{
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content":
        "Explain the trade-offs between microservices and monolithic architectures"}]}'

decide 'No match: the requested model' /routing/v1/chat/completions '{
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "What is the capital of France?"}]}'

decide 'Anthropic messages' /routing/v1/messages '{
    "model": "gpt-4o-mini", "max_tokens": 1024,
    "messages": [{"role": "user", "content":
        "Create a REST API endpoint in Rust using actix-web that handles user registration"}]}'

decide 'OpenAI Responses' /routing/v1/responses '{
    "model": "gpt-4o-mini",
    "input": "Build a React component that renders a sortable data table"}'

decide 'Preferences sent along' /routing/v1/chat/completions '{
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "Write a function that parses dates in Python"}],
    "routing_preferences": [{
        "name": "coding", "description": "writing functions, generating code and debugging",
        "models": ["openai/gpt-4o", "openai/gpt-4o-mini"]}]}'

session="X-Model-Affinity: demo-$$"

decide 'A session begins' /routing/v1/chat/completions '{
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "Write a Python function that implements binary search"}]}' \
    "$session"

decide 'It goes off topic, and keeps its model' /routing/v1/chat/completions '{
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "What is the capital of France?"}]}' "$session"
