"""By what coding agents' own text is known inside the turns that they send as the user's.

Agents put reminders, the state of the editor, rules of the repository and files into user turns.
The marks below were read off requests of Claude Code 2.1, Codex 0.169 and opencode 1.18 and out of
the sources of aider 0.86, Cline and Roo Code; those of Cursor and Copilot come from recordings.
A mark belongs here if no person would write it around words of their own.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

__all__ = [
    "ACKNOWLEDGED_TURNS",
    "ADDED_FRAMES",
    "CONTEXT_TAGS",
    "CONTEXT_TURNS",
    "FRAMES",
    "FRESH_START",
    "LINES",
    "OPENING_FRAMES",
    "PREAMBLES",
    "TOOL_RESULT",
    "TRAILERS",
]

_CLAUDE_CODE = (
    "system-reminder",
    "user-prompt-submit-hook",
    "session-start-hook",
    "post-tool-use-hook",
    "pre-tool-use-hook",
    "command-name",
    "command-message",
    "local-command-caveat",
    "local-command-stdout",
    "local-command-stderr",
    "bash-input",
    "bash-stdout",
    "bash-stderr",
    "ide_opened_file",
    "ide_selection",
    "ide_diagnostics",
    "new-diagnostics",
    "task-notification",
)
_CODEX = (
    "environment_context",
    "user_instructions",
    "permissions instructions",
    "skills_instructions",
    "apps_instructions",
    "plugins_instructions",
    "environments_instructions",
    "recommended_plugins",
    "collaboration_mode",
    "multi_agent_mode",
    "model_switch",
    "turn_aborted",
    "user_action",
    "user_shell_command",
    "subagent_notification",
    "codex_internal_context",
    "context_window_guidance",
    "context_window_reminder",
    "current_time_reminder",
    "hook_prompt",
)
_CLINE = (
    "environment_details",
    "explicit_instructions",
    "file_content",
    "final_file_content",
    "folder_content",
)
_CURSOR = (
    "user_info",
    "rules",
    "project_layout",
    "git_status",
    "additional_data",
    "attached_files",
    "open_and_recently_viewed_files",
    "recently_viewed_files",
    "agent_transcripts",
    "agent_skills",
    "mcp_file_system",
    "image_files",
    "linter_errors",
    "system_reminder",
)
_COPILOT = (
    "environment_info",
    "workspace_info",
    "editorContext",
    "reminderInstructions",
    "repoContext",
)
_OPENCODE = ("system-update",)

CONTEXT_TAGS: Final = frozenset((*_CLAUDE_CODE, *_CODEX, *_CLINE, *_CURSOR, *_COPILOT, *_OPENCODE))
"""What stands in ``<tag>`` … ``</tag>`` is the agent's."""

FRAMES: Final = frozenset({"user_query", "userRequest"})
"""Only what stands in these is the person's, if a turn has any (Cursor, Copilot)."""

OPENING_FRAMES: Final = frozenset(
    {"task", "user_message", "feedback", "answer", "command-args", "user_request"}
)
"""The person's words stand in these, and beside them. As words of everyday prompts they count only
where the turn begins with them, or behind what is the agent's."""

TOOL_RESULT: Final = re.compile(r"\[[a-z]+(?:_[a-z]+)+(?: for '[^\n]{0,4096}')?\] Result:")
"""How a turn begins that carries a tool's answer in words (Cline, Roo Code)."""

ADDED_FRAMES: Final = frozenset({"feedback", "answer", "user_message"})
"""What a person adds to such an answer stands in these."""

PREAMBLES: Final = MappingProxyType(
    {
        "# Context from my IDE setup:": "## My request for Codex:",
        "# Files mentioned by the user:": "## My request for Codex:",
        "Generate a title for this conversation:": "\n",
    }
)
"""How a turn begins whose words come only behind a second mark (Codex's extension, opencode)."""

LINES: Final = MappingProxyType(
    {
        "# AGENTS.md instructions": "</INSTRUCTIONS>",
        "Called the Read tool with the following input:": "</content>",
    }
)
"""Lines that begin what is the agent's, and where it ends; where that end is missing, the line is
all (Codex, opencode)."""

TRAILERS: Final = (
    "# *SEARCH/REPLACE block* Rules:",
    "# V4A Diff Format Rules:",
    "# File editing rules:",
    "To suggest changes to a file you MUST return the entire content of the updated file.",
)
"""Paragraphs with which begins what aider appends to the last turn."""

ACKNOWLEDGED_TURNS: Final = (
    "I have *added these files to the chat*",
    "Here are summaries of some files present in my git repository.",
    "I am working with you on code in a git repository.\nHere are summaries",
    "Here are some READ ONLY files, provided for your reference.",
    "These are some files we have been discussing",
    "Here is the current content of the file",
    "Don't try and edit any existing code without asking me to add the files to the chat!",
    "I am not sharing any files",
    "I am not sharing the full contents of any files",
)
"""How turns begin that are the agent's as a whole, and so is the answer that follows (aider)."""

CONTEXT_TURNS: Final = (
    "[Request interrupted by user",
    "Caveat: The messages below were generated by the user while running local commands.",
    "The following tool was executed by the user",
    "Summarize the task tool output above and continue with your task.",
    "[ERROR] You did not use a tool in your previous response!",
)
"""How turns begin that are the agent's as a whole (Claude Code, opencode, Cline)."""

FRESH_START: Final = "I switched to a new code base. Please don't consider the above files"
"""How a turn begins that ends aider's examples: with it goes everything before."""
