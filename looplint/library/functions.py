"""Functions and classes by their dotted names."""

from __future__ import annotations

import ast

from looplint.events import Graph, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Const, Partial, Value, objects_in
from looplint.knowledge.logits import JOINS, SHAPES
from looplint.knowledge.python_names import ITERATORS
from looplint.knowledge.torch import CLIPPING, CONTEXTS, FUNCTIONS, LOSS_FUNCTION, type_of
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text


class Functions(LibraryPart):
    """Calls what a dotted name means."""

    def call(self, dotted: str, given: Arguments, node: ast.Call) -> Value:
        head, _, last = dotted.rpartition(".")
        if head == "builtins":
            return self.library.builtins.call(last, given, node)
        known = self.reader.library.known(dotted)
        if known is not None:
            return self.library.effects.apply(known, None, given, node, last)
        if head == "torch.Tensor" and given.args:
            rest = Arguments(given.args[1:], given.keywords, given.open)
            return self.reader.branches.each(
                given.args[0], lambda one: self.reader.method_calls.call(one, last, rest, node)
            )
        if dotted in FUNCTIONS:
            return self.library.effects.apply(FUNCTIONS[dotted], None, given, node, dotted)
        if LOSS_FUNCTION.match(dotted):
            criterion = self.reader.objects.make(
                node.func, Type.CRITERION, role="criterion", constructor=dotted, certain=True, name=as_text(node.func)
            )
            return self.library.module_calls.grade(criterion, given, node)
        if dotted in CONTEXTS:
            return self.reader.objects.make(
                node, Type.OTHER, role="context", constructor=dotted, certain=True, facts=("context",)
            )
        if dotted in ITERATORS or last in ("tqdm", "trange", "track") or head.endswith("itertools"):
            return self.library.builtins.iterator(last, given, node)
        if dotted == "torch.autograd.grad":
            self.reader.emit(
                Kind.READ, [o for v in given.values for o in self.reader.objects.of((v,))], node, how="grad"
            )
        if dotted == "collections.OrderedDict":
            return self.library.builtins.iterator("dict", given, node)
        if dotted in ("collections.defaultdict", "collections.Counter"):
            return self.library.builtins.iterator("dict", Arguments([], {}), node)
        if dotted == "functools.partial" and given.args:
            return Partial(given.args[0], tuple(given.args[1:]), tuple(given.keywords.items()))
        if dotted in ("types.SimpleNamespace", "argparse.Namespace"):
            return self.reader.objects.make(node, Type.OTHER, role="record", certain=True)
        if dotted.startswith("deepspeed.") and last == "initialize":
            return self.library.constructors.engine(given, node)
        parts = self.library.datasets.call(dotted, given, node)
        if parts is not None:
            return parts
        made_type = type_of(dotted)
        if made_type is not Type.UNKNOWN:
            return self.library.constructors.construct(dotted, made_type, given, node)
        return self._function_of(dotted, given, node)

    def _function_of(self, dotted: str, given: Arguments, node: ast.Call) -> Value:
        package = dotted.partition(".")[0]
        last = dotted.rpartition(".")[2]
        if package in (
            "numpy",
            "np",
            "math",
            "statistics",
            "random",
            "time",
            "os",
            "sys",
            "re",
            "json",
            "logging",
            "sklearn",
            "pandas",
            "scipy",
        ):
            number = self.reader.objects.make(
                node, Type.NUMBER, role="number", sources=(), graph=Graph.NO, constructor=dotted
            )
            return self.library.builtins.counting(number, given.values)
        if package == "torch":
            if CLIPPING.search(last):
                return self.library.effects.apply(
                    FUNCTIONS["torch.nn.utils.clip_grad_norm_"], None, given, node, dotted
                )
            written = [one for one in objects_in(given.get(0)) if "grad" in one.facts and last.endswith("_")]
            self.reader.emit(Kind.CLEAR, [of for one in written for of in one.sources or (one,)], node, how=last)
            result = self.reader.objects.derived(node, given.values, constructor=dotted)
            needs = given.keywords.get("requires_grad")
            if needs is not None and not (isinstance(needs, Const) and not needs.value):
                result.facts |= {"leaf"}
            if last in JOINS:
                result.facts |= {"several"}
                for joined in self.reader.objects.of(given.args[:1]):
                    joined.facts |= {"joined"}
            if last in SHAPES:
                self.library.activations.share(result, given.values)
            elif dotted in ("torch.mean", "torch.sum", "torch.add"):
                for one in self.reader.objects.of(given.values):
                    result.facts |= one.facts & {"graded"}
            self.library.activations.mark(result, dotted, given, node)
            return result
        return self.reader.unknown_calls.call(node, given.values, given, name=dotted)
