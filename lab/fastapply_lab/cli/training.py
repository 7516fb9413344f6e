"""`fastapply train` and `fastapply data`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fastapply.cli import options
from fastapply.cli.preview import make_console
from fastapply.errors import UsageError

if TYPE_CHECKING:
    from fastapply_lab.cli.datasets import TeacherServer


class Styles(StrEnum):
    """The form of the updates of mined tasks."""

    SNIPPETS = "snippets"
    SENT = "sent"
    SIBLINGS = "siblings"


data_app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="Build task files for training and evaluation.",
)

Roots = Annotated[
    list[Path] | None,
    typer.Option("--root", metavar="DIR", help="A folder with repositories, as DIR/OWNER/NAME; may be repeated."),
]
Packages = Annotated[
    Path | None, typer.Option("--packages", metavar="DIR", help="Keep fetched packages here, not in the cache.")
]
AnyLicence = Annotated[
    bool, typer.Option("--any-licence", help="Take sources under any licence, not only permissive ones.")
]
Recipe = Annotated[Path, typer.Argument(metavar="RECIPE.toml", help="The sources, and how many tasks from each.")]


@dataclass(frozen=True)
class TeacherOptions:
    """A server that writes the snippets of tasks."""

    teacher: Annotated[
        str | None,
        typer.Option(
            "--teacher",
            metavar="URL",
            help="An OpenAI-compatible server that writes the snippets; its key comes from --token-file, "
            "FASTAPPLY_API_KEY or OPENAI_API_KEY.",
            rich_help_panel="Teacher",
        ),
    ] = None
    teacher_model: Annotated[
        str | None, typer.Option("--teacher-model", metavar="M", help="The server's model.", rich_help_panel="Teacher")
    ] = None
    teacher_price: Annotated[
        tuple[float, float] | None,
        typer.Option(
            "--teacher-price",
            metavar="IN OUT",
            help="Prices of a million tokens read and written, to report the cost.",
            rich_help_panel="Teacher",
        ),
    ] = None
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file", metavar="F", help="File whose first line is the server's key.", rich_help_panel="Teacher"
        ),
    ] = None
    concurrency: Annotated[
        int,
        typer.Option("--concurrency", metavar="N", min=1, help="Concurrent requests.", rich_help_panel="Teacher"),
    ] = 8

    def asked(self) -> TeacherServer | None:
        """None without a teacher. Raises UsageError."""
        if self.teacher is None:
            if self.teacher_model or self.teacher_price or self.token_file:
                raise UsageError("--teacher-model, --teacher-price and --token-file need --teacher URL")
            return None
        if self.teacher_model is None:
            raise UsageError("--teacher needs --teacher-model: the name that the server knows")
        from fastapply_lab.cli.datasets import TeacherServer

        return TeacherServer(self.teacher, self.teacher_model, self.teacher_price, self.token_file, self.concurrency)


@options.spread
def train(
    tasks: Annotated[Path, typer.Argument(metavar="TASKS.jsonl", help="Training tasks.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for the adapter, log.jsonl and loss.png.")
    ] = None,
    valid: Annotated[
        Path | None, typer.Option("--valid", metavar="TASKS.jsonl", help="Held-back tasks, measured during the run.")
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option(
            "--recipe", metavar="R.toml", help="A file, or one that ships: finetune_{cpu,gpu,choose_cpu}.toml."
        ),
    ] = None,
    heads: Annotated[
        bool, typer.Option("--heads", help="Train the prediction heads of the drafter `heads` instead.")
    ] = False,
    start: Annotated[
        Path | None, typer.Option("--start", metavar="DIR", help="An adapter to start from; its rank is kept.")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", metavar="DIR", help="Continue a stopped run from its last checkpoint."),
    ] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", metavar="M", help="Length of the run.")] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", metavar="N", help="Length in steps instead: reproducible to the byte.")
    ] = None,
    rank: Annotated[int | None, typer.Option("--rank", metavar="R", help="Rank of the adapter.")] = None,
    full: Annotated[
        bool | None, typer.Option("--full", help="Train all weights; needs about 20 bytes for each.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N")] = None,
    assign: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any recipe field, such as weights.new=3; may be repeated."),
    ] = None,
    *,
    asked: options.LocalOptions,
) -> int:
    """Fine-tune a LoRA adapter (or the whole model), with the loss weighted on decision tokens.

    A recipe says how; options override it. Ctrl-C saves and stops, and --resume continues. For several processes or
    GPUs: torchrun --nproc-per-node N -m fastapply train ...; docs/training.md describes the fields of a recipe.

    Example: fastapply train tasks.jsonl --valid dev.jsonl --recipe finetune_cpu.toml --minutes 30 --out adapter

    Example: fastapply train tasks.jsonl --valid dev.jsonl --resume adapter

    With finetune_choose_cpu.toml the model learns to choose among the alignment's candidates, from the output of
    `fastapply data choices`.

    Example: fastapply train choices.jsonl --recipe finetune_choose_cpu.toml --start adapter --out chooser

    With --heads the model stays as it is, and prediction heads learn to draft for it: see `--drafter heads` of `apply`.

    Example: fastapply train tasks.jsonl --heads --out heads
    """
    settings = asked.settings()
    if heads:
        from fastapply_lab.train.heads_command import run_heads

        if out is None or resume or start or recipe or full or rank:
            raise UsageError("--heads needs --out DIR; it also takes --valid, --minutes, --steps, --seed and --set")
        return run_heads(tasks, valid, out, assign or [], settings, minutes=minutes, steps=steps, seed=seed)
    from fastapply_lab.train.finetune_recipe import load_recipe, stored_recipe

    said = {"minutes": minutes, "steps": steps, "rank": rank, "full": full, "seed": seed}
    if resume:
        fixed = {
            "out": out,
            "recipe": recipe,
            "start": start,
            "set": assign or None,
            "template": asked.template,
            **said,
        }
        for name, value in fixed.items():
            if value is not None:
                raise UsageError(f"a resumed run keeps its folder and its recipe: leave out --{name}")
        from fastapply_lab.train.command import run

        return run(tasks, valid, resume, stored_recipe(resume), settings, resume=True)
    if out is None:
        raise UsageError("where to? give --out DIR (or --resume DIR to continue a stopped run)")
    chosen = load_recipe(recipe, assign or [], **said)
    from fastapply_lab.train.command import run

    return run(tasks, valid, out, chosen, settings, start=start)


@data_app.command("build")
@options.spread
def build_training(
    recipe: Recipe,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the task files and the manifest.")],
    roots: Roots = None,
    packages: Packages = None,
    any_licence: AnyLicence = False,
    *,
    teaching: TeacherOptions,
) -> int:
    """Make training tasks from the code of a recipe's sources. Missing packages are fetched.

    Example: fastapply data build recipe.toml --out tasks
    """
    from fastapply_lab.cli.datasets import build_tasks

    asked = teaching.asked()
    return build_tasks(_there(recipe), out, roots or [], packages, any_licence, asked)


@data_app.command("mine")
@options.spread
def mine_tasks(
    out: Annotated[Path, typer.Option("--out", metavar="TASKS.jsonl", help="The task file to write.")],
    repository: Annotated[
        Path | None, typer.Argument(metavar="[REPO]", help="A clone, with a work tree or bare.", show_default=False)
    ] = None,
    releases: Annotated[
        tuple[str, str, str] | None,
        typer.Option("--releases", metavar="NAME OLD NEW", help="Instead: two releases of a package."),
    ] = None,
    kind: Annotated[str, typer.Option("--kind", metavar="K", help="The package's registry: pypi or npm.")] = "pypi",
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="OWNER/NAME", help="The repository's name. Default: that of its remote."),
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most N tasks.")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="Only commits after this date.")] = None,
    languages: Annotated[
        str | None, typer.Option("--languages", metavar="L,...", help="Only these languages (tree-sitter names).")
    ] = None,
    most_lines: Annotated[int, typer.Option("--most-lines", metavar="N", min=12, help="The longest file.")] = 400,
    styles: Annotated[
        Styles,
        typer.Option(
            "--styles",
            help="Only snippets; all the forms in which models and agents send edits; or insertions among similar "
            "siblings, made from the new side of each change.",
        ),
    ] = Styles.SNIPPETS,
    shuffle: Annotated[bool, typer.Option("--shuffle", help="Commits in random order, not the newest first.")] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N")] = 0,
    packages: Packages = None,
    any_licence: AnyLicence = False,
    *,
    teaching: TeacherOptions,
) -> int:
    """Make tasks from real changes: the history of a git repository, or two releases of a package.

    Example: fastapply data mine ~/src/project --out tasks.jsonl --limit 500
    """
    from fastapply_lab.cli.datasets import Mined, mine

    asked = teaching.asked()
    wanted = [word.strip() for word in languages.split(",")] if languages else None
    style = styles.value
    what = Mined(repository, releases, kind, name, since, wanted, most_lines, seed, any_licence, style, shuffle)
    return mine(what, out, limit, packages, asked)


@data_app.command("choices")
def build_choices(
    tasks: Annotated[list[Path], typer.Argument(metavar="TASKS.jsonl...", help="Tasks to take the choices from.")],
    out: Annotated[Path, typer.Option("--out", metavar="CHOICES.jsonl", help="The file to write.")],
    doubt: Annotated[
        float,
        typer.Option("--doubt", metavar="NATS", min=0, help="Leave out choices with less doubt in the alignment."),
    ] = 0.02,
    model: options.Model = None,
    template: options.Template = None,
    cache_dir: options.CacheDir = None,
) -> int:
    """Make training data for `train` with `choosing = true`: the places where the alignment's candidates part.

    Example: fastapply data choices train.jsonl --out choices.jsonl
    """
    from fastapply_lab.cli.datasets import write_choices

    settings = options.make_settings(model=model, template=template, cache_dir=cache_dir)
    return write_choices([_there(file) for file in tasks], out, doubt, settings)


@data_app.command("eval")
def build_evaluation(
    recipe: Recipe,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the task files.")],
    packages: Annotated[Path, typer.Option("--packages", metavar="DIR", help="Folder for fetched packages.")],
) -> int:
    """Make held-back tasks from a recipe's pinned packages. Missing packages are fetched.

    Example: fastapply data eval recipe.toml --packages packages --out tasks
    """
    from fastapply_lab.data.evalset import build_evaluation as build

    return _report(build(_there(recipe), packages, out), out)


@data_app.command("written")
def expand_written(
    recipe: Annotated[
        Path, typer.Argument(metavar="RECIPE.jsonl", help="Written tasks, with line references and their own text.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="TASKS.jsonl", help="The task file to write.")],
    roots: Annotated[
        list[Path],
        typer.Option(
            "--root",
            metavar="DIR",
            help="A folder with clones, bare or not, as DIR/OWNER/NAME or DIR/OWNER+NAME/repo; may be repeated.",
        ),
    ],
    fold: Annotated[
        bool, typer.Option("--fold", help="First replace runs of lines that the recipe quotes by references.")
    ] = False,
    any_licence: AnyLicence = False,
) -> int:
    """Make tasks that were written by hand, from the repositories and commits that their recipe names.

    Example: fastapply data written written_dev.jsonl --root clones --out tasks.jsonl
    """
    from fastapply_lab.cli.datasets import write_expanded

    return write_expanded(_there(recipe), out, roots, any_licence=any_licence, folding=fold)


@data_app.command("plain")
def make_plain(
    out: Annotated[Path, typer.Option("--out", metavar="TASKS.jsonl", help="The task file to write.")],
) -> int:
    """Make the plainest edits there are: a member among its likes, in 31 kinds of files of our own.

    Example: fastapply data plain --out plain.jsonl
    """
    from fastapply_lab.data.plain import plain_tasks
    from fastapply_lab.data.tasks import write_tasks

    return _report({out.name: write_tasks(plain_tasks(), out)}, out)


def _there(file: Path) -> Path:
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    return file


def _report(counts: dict[str, int], out: Path) -> int:
    console = make_console(sys.stderr)
    for name, count in counts.items():
        console.print(f"{name}: {count} tasks")
    console.print(f"written to {out}")
    return 0
