"""Chat completions, OpenAI's older dialect, which most providers speak."""

from typing import Final

from extproc.core.models import Dialect
from extproc.dialects.translation.chat.adaptation import adapt, is_mixed
from extproc.dialects.translation.chat.errors import write_error
from extproc.dialects.translation.chat.obstacles import obstacles
from extproc.dialects.translation.chat.reading_answers import read_answer
from extproc.dialects.translation.chat.reading_requests import read_request
from extproc.dialects.translation.chat.reading_streams import ChatStreamReader
from extproc.dialects.translation.chat.writing_answers import write_answer
from extproc.dialects.translation.chat.writing_requests import write_request
from extproc.dialects.translation.chat.writing_streams import ChatStreamWriter
from extproc.dialects.translation.common.failures import read_error
from extproc.dialects.translation.translator import Translator

__all__ = ["TRANSLATOR"]

TRANSLATOR: Final = Translator(
    dialect=Dialect.CHAT,
    read_request=read_request,
    adapt=adapt,
    obstacles=obstacles,
    write_request=write_request,
    read_answer=read_answer,
    write_answer=write_answer,
    read_error=read_error,
    write_error=write_error,
    stream_reader=ChatStreamReader,
    stream_writer=ChatStreamWriter,
    is_mixed=is_mixed,
)
