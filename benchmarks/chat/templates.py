"""Compare our chat templates with jinja2 on random chats.

    python benchmarks/chat/templates.py [--chats N] [--seed S] [--tool PATH]

Templates in the style of every family, and the one inside SmolLM2's GGUF file, render random
messages with jinja2 as `transformers` sets it up and with `apus-dev render-chat`. Both must give
the same text, or both must refuse. Prints `chat.templates: N`, the number of equal answers.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

sys.path[0] = str(Path(__file__).with_name("vocabularies"))

import strings  # noqa: E402

TEMPLATES = Path(__file__).with_name("templates")


class Generation(jinja2.ext.Extension):
    """`{% generation %}` marks what an assistant says; the text stays the same."""

    tags = {"generation"}

    def parse(self, parser: jinja2.parser.Parser) -> list[jinja2.nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def environment() -> ImmutableSandboxedEnvironment:
    """jinja2 with the settings that chat templates are written for."""

    def raise_exception(message: str) -> None:
        raise jinja2.exceptions.TemplateError(message)

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False) -> str:
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
                          sort_keys=sort_keys)

    result = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"])
    result.filters["tojson"] = tojson
    result.globals["raise_exception"] = raise_exception
    result.globals["strftime_now"] = lambda form: "26 Jul 2024" if form == "%d %b %Y" else form
    return result


def words(source: random.Random) -> str:
    """What somebody might say."""
    if source.random() < 0.1:
        return source.choice(["", " ", "\n", "  padded  ", "<think>", "a</think>b", "{{ x }}"])
    text = " ".join(
        source.choice(strings.ENGLISH) if source.random() < 0.6 else strings.piece(source, [])
        for _ in range(source.randrange(1, 12)))
    return "<think>\nwell\n</think>\n\n" + text if source.random() < 0.1 else text


def value(source: random.Random, depth: int = 0):
    """A JSON value."""
    kind = source.randrange(8 if depth < 3 else 5)
    if kind == 0:
        return source.choice([None, True, False])
    if kind == 1:
        return source.randrange(-(10 ** source.randrange(1, 17)), 10 ** 12)
    if kind == 2:
        return source.choice([0.0, -1.5, 3.14, 1e-7, 2.5e20, source.uniform(-1e6, 1e6),
                              source.random() * 10 ** source.randrange(-12, 25)])
    if kind < 5:
        return words(source)
    if kind == 5:
        return [value(source, depth + 1) for _ in range(source.randrange(4))]
    return {source.choice(strings.ENGLISH): value(source, depth + 1)
            for _ in range(source.randrange(4))}


def tool(source: random.Random) -> dict:
    name = source.choice(["get_weather", "search", "add", "time_in"])
    names = source.sample(["city", "unit", "query", "a", "b"], source.randrange(0, 4))
    properties = {
        field: {"type": source.choice(["string", "integer", "number"]), "description": words(source)}
        for field in names}
    return {"type": "function", "function": {
        "name": name, "description": words(source),
        "parameters": {"type": "object", "properties": properties,
                       "required": names[: source.randrange(len(names) + 1)]}}}


def messages(source: random.Random) -> list[dict]:
    """A chat, usually in good order."""
    chat: list[dict] = []
    if source.random() < 0.5:
        chat.append({"role": "system", "content": words(source)})
    for _ in range(source.randrange(0, 5)):
        chat.append({"role": "user", "content": words(source)})
        if source.random() < 0.15:
            calls = [
                {"id": f"call{source.randrange(10**5):05d}", "type": "function", "function": {
                    "name": "search", "arguments": {"q": value(source), "n": value(source, 2)}}}
                for _ in range(source.randrange(1, 3))]
            content = source.choice(["", words(source)])
            chat.append({"role": "assistant", "content": content, "tool_calls": calls})
            chat += [{"role": "tool", "content": words(source), "tool_call_id": call["id"],
                      "name": "search"} for call in calls]
        if source.random() < 0.85:
            answer = {"role": "assistant", "content": words(source)}
            if source.random() < 0.2:
                answer["reasoning_content"] = words(source)
            chat.append(answer)
    if source.random() < 0.05:
        source.shuffle(chat)
    if chat and source.random() < 0.05:
        source.choice(chat)["role"] = source.choice(["narrator", "developer", "ipython"])
    return chat


def variables(source: random.Random) -> dict:
    chosen = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    if source.random() < 0.3:
        chosen["enable_thinking"] = source.random() < 0.5
    if source.random() < 0.3:
        chosen["date_string"] = "1 Jan 2025"
    if source.random() < 0.3:
        chosen["extra"] = value(source)
    return chosen


def reference(template: jinja2.Template, case: dict) -> str | None:
    """What jinja2 renders; None if it refuses."""
    try:
        return template.render(
            messages=case["messages"], tools=case["tools"] or None, documents=None,
            add_generation_prompt=case["add_generation_prompt"], **case["variables"])
    except Exception:
        return None


def compare(name: str, text: str, tool_path: str, count: int, seed: int) -> int:
    """How many of `count` chats both render to the same text, or both refuse."""
    source = random.Random(f"{seed} {name}")
    template = environment().from_string(text)
    cases = [
        {"template": text, "messages": messages(source), "variables": variables(source),
         "tools": [tool(source) for _ in range(source.choice([0, 0, 1, 2]))],
         "add_generation_prompt": source.random() < 0.5}
        for _ in range(count)]
    lines = "\n".join(json.dumps(case) for case in cases) + "\n"
    # jinja2 is asked with a fixed date above; ours gets the same as a fixed clock.
    result = subprocess.run([tool_path, "render-chat", "--seconds", "1721995200"], input=lines,
                            capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{name}: {result.stderr.strip()}")
    answers = [json.loads(line) for line in result.stdout.split("\n") if line]
    equal = refused = shown = 0
    for case, ours in zip(cases, answers, strict=True):
        expected = reference(template, case)
        refused += expected is None
        if ours.get("text") == expected:
            equal += 1
        elif shown < 2:
            shown += 1
            print(f"  {name}: {json.dumps(case['messages'])[:400]}\n    ours {ours}\n"
                  f"    jinja2 {expected!r}", file=sys.stderr)
    print(f"{name:16} {equal}/{count} chats, {refused} of them refused")
    return equal


def smollm2() -> str | None:
    """The template inside SmolLM2's file, which same_tokens.py fetches; None without it."""
    path = Path("build/chat/tokenizers/smollm2.gguf")
    if not path.exists():
        return None
    from gguf import GGUFReader

    return GGUFReader(str(path)).fields["tokenizer.chat_template"].contents()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chats", type=int, default=1000, help="for each template")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tool", default=".build/release/apus-dev")
    arguments = parser.parse_args()
    templates = {path.stem: path.read_text() for path in sorted(TEMPLATES.glob("*.jinja"))}
    found = smollm2()
    if found is not None:
        templates["smollm2"] = found
    print(f"seed {arguments.seed}, {arguments.chats} chats for each template")
    total = sum(
        compare(name, text, arguments.tool, arguments.chats, arguments.seed)
        for name, text in templates.items())
    print(f"chat.templates: {total}")
    if total != arguments.chats * len(templates):
        sys.exit(1)


if __name__ == "__main__":
    main()
