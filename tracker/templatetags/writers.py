"""`{% csrf_token %}` as every form of ours has it: with Django's token, and who the form was made for (`tracker.unsent`)."""

from django.template import Context, Library
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker import unsent

register = Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: Context) -> SafeString | str:
    """Django's own tag, and the writer beside it where somebody has logged in."""
    token = CsrfTokenNode().render(context)
    request = context.get("request")
    by = unsent.writer(request) if request is not None else ""
    return format_html('{}<input type="hidden" name="{}" value="{}">', token, unsent.WRITER, by) if by else token
