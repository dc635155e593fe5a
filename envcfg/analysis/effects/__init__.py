"""How a metric changed when the config changed: effects with intervals, or the reason why there is none.

One pipeline, whose steps are shown together in `effect.effects`:

1. **series**: the metric, as means over bins of equal width (`bins`);
2. **windows**: the bins before and after each change (`windows`);
3. **estimate**: the jump of the metric in a window (`estimate`, with `reml` for the regression, `placebo` for control
   windows and `fdr` for q);
4. **cautions**: what a reader must know before trusting the estimate (`cautions`, `invariance`);
5. **card**: the result as text (`formatting`) or as JSON (`documents`).

The other modules answer questions beside the pipeline: several runs (`pooling`, `paired`, `clusters`), random times
(`randomised`), breaks without a change (`scan`), false-positive rates (`calibration`) and correlations (`correlation`).
"""
