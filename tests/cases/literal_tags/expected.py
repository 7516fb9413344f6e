PROMPT = """<instruction>{0}</instruction>
<code>{1}</code>
<update>{2}</update>"""

REPLY = "<updated-code>"


def ask(instruction, code, update):
    code = code.replace("</code>", "<\\/code>")
    return PROMPT.format(instruction, code, update)


def answer(text):
    start = text.index(REPLY) + len(REPLY)
    return text[start : text.rindex("</updated-code>")]
