"""torchmetrics 1.9.0, run: the states of `MeanMetric` and most others keep no graph after `update`, but those of
`CatMetric`, `CosineSimilarity` and the rank correlations do. What the call of a differentiable metric, or the function
of the same name, returns holds one. A metric that is called is updated, too; `reset` empties it."""

from __future__ import annotations

from looplint.events import How, Kind
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import LibraryRows

_UPDATED = Effect(Kind.MEASURE, how=How.UPDATED)
_KEEPS = (_UPDATED, Effect(Kind.KEEP, object=0))
_CALLED = (Effect(Kind.MEASURE, returns=Returns.DERIVED, how=How.UPDATED),)

_KEEPING = ("CatMetric", "CosineSimilarity", "KendallRankCorrCoef", "SpearmanCorrCoef")
_DIFFERENTIABLE = """
    ConcordanceCorrCoef ExplainedVariance KLDivergence LogCoshError MaxMetric MeanAbsoluteError
    MeanAbsolutePercentageError MeanMetric MeanSquaredError MeanSquaredLogError MinMetric
    NormalizedRootMeanSquaredError PeakSignalNoiseRatio PearsonCorrCoef R2Score RelativeSquaredError RunningMean
    RunningSum ScaleInvariantSignalDistortionRatio ScaleInvariantSignalNoiseRatio SignalDistortionRatio
    SignalNoiseRatio SumMetric SymmetricMeanAbsolutePercentageError TweedieDevianceScore
    WeightedMeanAbsolutePercentageError
"""
_FUNCTIONS = """
    concordance_corrcoef cosine_similarity explained_variance hinge_loss kl_divergence log_cosh_error
    mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_log_error
    normalized_root_mean_squared_error peak_signal_noise_ratio pearson_corrcoef r2_score relative_squared_error
    scale_invariant_signal_distortion_ratio scale_invariant_signal_noise_ratio signal_distortion_ratio
    signal_noise_ratio symmetric_mean_absolute_percentage_error tweedie_deviance_score
    weighted_mean_absolute_percentage_error
"""

ROWS = LibraryRows(
    effects={
        "torchmetrics.*.update": (_UPDATED,),
        "torchmetrics.*.__call__": (Effect(Kind.MEASURE, returns=Returns.NEW, how=How.UPDATED),),
        "torchmetrics.*.compute": (Effect(Kind.MEASURE, returns=Returns.NEW, how=How.COMPUTED),),
        "torchmetrics.*.reset": (Effect(Kind.EMPTY),),
    }
    | dict.fromkeys((f"torchmetrics.*.{name}.update" for name in _KEEPING), _KEEPS)
    | dict.fromkeys((f"torchmetrics.*.{name}.__call__" for name in _DIFFERENTIABLE.split()), _CALLED)
    | dict.fromkeys((f"torchmetrics.*.{name}" for name in _FUNCTIONS.split()), (Effect(returns=Returns.DERIVED),)),
)
