"""Facts: what is known about an object beside its type.

Each member says what it means and, in brackets, which module of looplint sets it.
"""

from __future__ import annotations

from enum import StrEnum


class Fact(StrEnum):
    """Something known about an object. An absent fact is not known to be false."""

    # Tensors: what they were computed from, and how
    GRADED = "graded"  # a loss: a criterion, or sums and means of losses, made it [library.module_calls]
    SCALED = "scaled"  # a loss that a gradient scaler multiplied by its scale [library.returned]
    CUT_OFF = "cut off"  # computed from a value with a graph, but without it: `loss.item()` [interpreter.objects]
    LOSS_VALUE = "loss value"  # the number that a loss is: `loss.item()`, also scaled [library.value_methods]
    RESULT_VALUE = "result value"  # the number that a tensor with a graph is, also scaled [library.value_methods]
    NUMBER_ADDED = "number added"  # a loss, with the value of another one added to it [interpreter.objects]
    DETACHED = "detached"  # returned by `detach` or the like: without a graph on purpose [library.value_methods]
    RECORDED = "recorded"  # BACKWARD was called on it without an error, so it holds a graph [library.effect_handlers]
    LEAF = "leaf"  # made a leaf of its own graph, by `requires_grad` [library.module_calls]
    GRADIENT = "grad"  # a `.grad`, possibly reshaped [interpreter.attributes]
    SOFTMAX = "softmax"  # its values are those of a softmax [knowledge.logits]
    SIGMOID = "sigmoid"  # its values are those of a sigmoid [knowledge.logits]
    BACKPROPAGATED = "backpropagated"  # a sum that BACKWARD is called on: a loss, not a log [interpreter.entries]
    LINEAR_OUTPUT = "linear output"  # what a linear or convolutional layer returns, as it is [library.module_calls]
    RANDOM = "random"  # numbers that a function draws: what a loop without a loader trains with [library.functions]
    SEVERAL = "several"  # stacked or concatenated of several tensors [library.function_handlers]
    JOINED = "joined"  # stacked or concatenated with others [library.function_handlers]
    SQUARES = "squares"  # squares, or a sum or mean of some: zero where all of them are [library.function_handlers]
    STEEP = "steep"  # its slope has no bound at zero: root of squares, log of a share [library.function_handlers]
    OF_TORCH = "of torch"  # torch made it, whose code is known: also modules and criteria [library.types]
    OF_FUNCTION = "of a function"  # a function of torch, or a method of a tensor, returned it [library.types]
    CLONED = "cloned"  # returned by `clone()`, with memory of its own [knowledge.torch_types]
    DRAWN = "drawn"  # yielded by the iterator of a loop, a new one in each iteration [interpreter.loops]

    OUTPUT = "output of unknown code"  # returned by a module or criterion whose code is unknown [library.module_calls]
    LOGITS = "logits"  # a part of an output with a name that people give to predictions only [interpreter.attributes]
    PART_OF_OUTPUT = "part of output"  # one of several values in such an output [interpreter.items]
    REWRITTEN = "rewritten"  # such an output that code may write other values into [interpreter.objects]
    TERMS = "terms"  # a sum, or a number times a value: who back-propagates it means each [interpreter.operators]

    # Numbers
    COUNTER = "counter"  # counts the iterations of a loop [interpreter.items]
    COUNTS_BATCHES = "counts batches"  # a number of batches, or a scheduler that is given one [library.builtins]
    COUNTS_SAMPLES = "counts samples"  # a number of samples of which batches are made [library.builtins]
    SELECTED = "selected"  # elements of a collection but for some: `a - b` [library.methods]
    EQUAL_BATCHES = "equal batches"  # a number of batches of which none is smaller [library.builtins]
    BATCH_MEAN = "batch mean"  # a mean over the samples of a batch, or made of one and numbers [library.module_calls]
    RESIZED = "resized"  # such a mean, multiplied or divided by a number [interpreter.operators]
    SUM_OF_MEANS = "sum of means"  # the sum of such means, one of each pass of a loop [interpreter.accumulation]
    AVERAGED = "averaged"  # such a sum, divided by a number of samples or batches [interpreter.operators]
    COUNTS_UPDATES = "counts updates"  # a quotient of a number of batches: of updates [interpreter.operators]
    PERIODIC = "periodic"  # whether a counter reached a multiple: true in each k-th pass [interpreter.operators]
    TRAINING_FLAG = "training flag"  # the `training` attribute of a module [interpreter.attributes]

    # Modules, parameters and criteria
    MODE_FREE = "mode free"  # computes the same in training and evaluation mode [library.constructors]
    RETURNS_BY_MODE = "returns by mode"  # its `forward` returns apart in training mode [interpreter.instances]
    NO_PARAMETERS = "no parameters"  # has no parameters of its own [library.constructors]
    FRESH = "fresh"  # has parameters that nothing has trained or loaded yet [library.constructors]
    ONLY_CALLED = "only called"  # an attribute or a name that its file never passes on [interpreter.instances]
    STATISTICS = "statistics"  # holds layers of batch normalisation, with statistics [library.constructors]
    GROWN = "grown"  # made of a list that grows later: its last layer is not known [interpreter.instances]
    HOLDS_MODULES = "holds modules"  # a `ModuleList` or `ModuleDict` [library.constructors]
    SINGLE_LAYER = "single layer"  # a layer of `torch.nn` that holds no other [library.constructors]
    FROZEN = "frozen"  # its parameters are not trained: `requires_grad_(False)` [library.module_calls]
    COPY = "copy"  # a wrapper that copies the module passed to it [library.constructors]
    PAST_WRAPPER = "past its wrapper"  # the network inside a wrapper that averages gradients [interpreter.method_calls]
    WRAPPED = "wrapped"  # inside a wrapper whose `forward` runs its hooks [library.returned]
    AVERAGES_OVER_PROCESSES = "averages over processes"  # a wrapper that does so with gradients [knowledge.torch_types]
    PREPARED = "prepared"  # returned by `accelerator.prepare` or the like [library.returned]
    IN_EVALUATION = "in evaluation"  # is in evaluation mode when it is made [libraries.transformers]
    MODE_ARGUED = "mode argued"  # a layer, or what holds one, with its mode an argument [libraries.keras]
    ALL_RECORDED = "all recorded"  # all that it returns holds a graph [libraries.transformers]
    RUNS_MODEL = "runs model"  # a criterion that calls the model inside [libraries.sentence_transformers]
    HANDS_ON = "hands on"  # its `forward` returns one of its arguments [library.module_calls]
    FUNCTIONAL = "functional"  # a network made of the tensor that it returns [libraries.keras]
    HYPERNETWORK = "hypernetwork"  # a class that computes the weights of its layers [module_classes.class_graph]
    OWN_WEIGHTS = "own weights"  # a layer whose weights the code reads or sets itself [module_classes.class_graph]
    PARTS = "parts"  # an iterator over the sub-modules of a module [library.returned]
    TRAINED = "trained"  # a parameter that is trained [library.constructors]
    TAKES_LOGITS = "takes logits"  # a criterion that applies a softmax itself [knowledge.logits]
    TAKES_BINARY_LOGITS = "takes binary logits"  # a criterion that applies a sigmoid itself [knowledge.logits]
    TAKES_LOG_PROBABILITIES = "takes log-probabilities"  # a criterion that expects a log-softmax [knowledge.logits]
    TAKES_PROBABILITIES = "takes probabilities"  # a criterion that expects values from 0 to 1 [knowledge.logits]
    LOGS_BESIDE_LOSSES = "logs beside losses"  # returns a dictionary of losses and plain values [libraries.torchrl]
    TARGET_FIRST = "target first"  # a criterion that is called with the target before the prediction [libraries.keras]
    ELEMENTWISE = "elementwise"  # a criterion that broadcasts its arguments [library.module_calls]
    PREDICTION_FIRST = "prediction first"  # a criterion that is not symmetric in its arguments [library.module_calls]

    # Frameworks: one object that takes the steps of the loop
    ACCUMULATES = "accumulates"  # is set to add up the gradients of several batches [libraries.accelerate]
    RUNS_FUNCTION = "runs a function"  # has a loop around a function that it was made with [libraries.ignite]
    SUPERVISED = "supervised"  # its function is that of a supervised training [libraries.ignite]
    AVERAGES_GRADIENTS = "averages gradients"  # trains in several processes [libraries.lightning_fabric]
    HAS_BACKWARD = "has backward"  # `backward` is called on it with an argument [library.effect_handlers]
    SCALES_LOSSES = "scales losses"  # multiplies them in its `backward`, for 16 bits [libraries.accelerate]
    OWN_BACKWARD = "own backward"  # does more in its `backward` than `loss.backward()` [libraries.accelerate]

    OF_FRAMEWORK = "of framework"  # an optimizer or scheduler that the framework steps by itself [library.step_methods]
    LEFT_ALONE = "left alone"  # a scheduler that neither a framework nor its class steps [library.step_methods]

    # States, optimizers and schedulers
    STATE = "state"  # a `state_dict()` that shares the memory of its owner [library.returned]
    LOAD_RESULT = "load result"  # the result of `load_state_dict`: a report [library.returned]
    IDLE = "idle"  # no code in whose scope its name lies steps it or passes it on [interpreter.assignments]
    HOOKED = "hooked"  # an optimizer with a hook on its step [library.method_handlers]
    OWN_STEP = "own step"  # a scheduler defined in the program, with a `step` of its own [interpreter.method_calls]

    AVERAGES = "averages"  # an optimizer that keeps an average of the weights beside them [libraries.schedulefree]
    CHANGES_GRADIENTS = "changes gradients"  # an optimizer that writes into them [libraries.pytorch_optimizer]
    STATELESS = "stateless"  # an optimizer that keeps nothing for the next step: plain SGD [library.constructors]
    MOVES_ON_ZEROS = "moves on zeros"  # an optimizer with momentum or weight decay [library.constructors]
    GROWS_WITH_GRADIENTS = "grows with gradients"  # an optimizer whose step does: SGD [knowledge.torch_types]
    REPEATS_CLOSURE = "repeats its closure"  # an optimizer that calls it several times a step [knowledge.torch_types]
    STEPS_IN_BACKWARD = "steps in backward"  # an optimizer that `backward()` runs [library.effect_handlers]
    GRADIENTS_OF_SAMPLES = "gradients of samples"  # an optimizer that does not use `p.grad` [library.effect_handlers]
    COUNTS_EPOCHS = "counts epochs"  # a scheduler that ignores the number of updates [libraries.timm]
    IGNORES_EPOCHS = "ignores epochs"  # a scheduler that counts updates alone [libraries.timm]
    KEEPS_RATE = "keeps the rate"  # a scheduler that goes on from the rate at hand [library.schedules]
    SETS_RATE = "sets the rate"  # a scheduler that sets the rate in its constructor [library.schedules]
    GIVES_RATE = "gives the rate"  # a schedule whose function returns the rate, not a factor [library.schedules]

    # Datasets
    PART_OF_DATASET = "part of a dataset"  # made by `random_split` or `Subset` [library.datasets]
    UNDIVIDED = "undivided"  # a loader that gives all of its dataset to each process [library.datasets]
    SAME_IN_WORKERS = "same in workers"  # a stream that yields all of its data in each worker [library.datasets]
    ORDER_OF_EPOCH = "order of epoch"  # shuffles by the epoch that `set_epoch` sets [knowledge.torch_types]
    SAMPLED = "sampled"  # a loader that is given a sampler by its name [library.constructors]
    RANDOM_PART = "random part"  # a part of a dataset whose samples are drawn anew by each call [library.datasets]
    FOLDS = "folds"  # a loop over it cross-validates: each pass holds out another part [interpreter.loops]
    DATA_IN_PARTS = "data in parts"  # a loop over it takes out one part of the rows after the other [interpreter.items]
    ONE_BATCH = "one batch"  # a loader whose batches are as large as its dataset [library.constructors]
    IN_BATCHES = "in batches"  # a loader makes batches of several samples of it [library.constructors]
    WHOLE_DATASET = "whole dataset"  # the `.dataset` of such a part [library.datasets]
    TRANSFORMED_WHOLE = "transformed whole"  # made of such a whole and of transformations alone [library.datasets]

    # Collections, iterators, contexts, unknown objects
    BOUNDED = "bounded"  # holds a limited number of elements: `deque(maxlen=100)` [library.streams]
    ONE_SHOT = "one shot"  # can be iterated once: `model.parameters()` [library.returned]
    CONSTANTS = "constants"  # a collection of numbers and texts that is written out [interpreter.loops]
    ACTS = "acts"  # a generator that trains between two elements [interpreter.inlining]
    VALIDATION = "validation"  # a loop iterates over it, and its name suggests validation [interpreter.loops]
    CONTEXT = "context"  # a known context manager, not entered yet [library.function_handlers]
    SOME_ATTRIBUTE = "some attribute"  # an attribute whose name is computed: any of the object's [library.builtins]
    UNKNOWN_RESULT = "unknown result"  # unknown code returned it [interpreter.unknown_calls]
