import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"010: The picture of the chart is placed by hand","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/010-the-picture-is-placed-by-hand.md","filePath":"decisions/010-the-picture-is-placed-by-hand.md"}');
const _sfc_main = { name: "decisions/010-the-picture-is-placed-by-hand.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="_010-the-picture-of-the-chart-is-placed-by-hand" tabindex="-1">010: The picture of the chart is placed by hand <a class="header-anchor" href="#_010-the-picture-of-the-chart-is-placed-by-hand" aria-label="Permalink to &quot;010: The picture of the chart is placed by hand&quot;">​</a></h1><p>The viewer was to have its chart laid out by elkjs when it is built. <code>machines/connection.svg</code> is drawn from a plan instead (<code>scripts/chart-plan.ts</code>): a person has placed the states and led the arrows.</p><p>Measured with elkjs 0.11.0, <code>layered</code>, orthogonal, hierarchy included, the same states and the arrows between them:</p><table tabindex="0"><thead><tr><th></th><th style="text-align:right;">size</th><th style="text-align:right;">crossings</th><th style="text-align:right;">bends</th></tr></thead><tbody><tr><td>elkjs, downwards</td><td style="text-align:right;">1739×1584</td><td style="text-align:right;">7</td><td style="text-align:right;">88</td></tr><tr><td>elkjs, to the right</td><td style="text-align:right;">3139×768</td><td style="text-align:right;">7</td><td style="text-align:right;">94</td></tr><tr><td>the plan</td><td style="text-align:right;">1026×660</td><td style="text-align:right;">0</td><td style="text-align:right;">6</td></tr></tbody></table><p>At the width of a page the first is shown at half its size, with labels that nobody can read, and an everyday life (dial, open, doubt, lose, wait, dial) leads all over it. In the plan that is one circle, and what leads from one half of the chart to the other is a straight line.</p><p>What an automatic layout would give is that a change of the chart is drawn by itself. The plan gives less: nothing in it says what the chart is, and a state or an arrow that is missing in it, or left over, or drawn over another, fails <code>npm run chart</code> and the tests. The chart is fixed at a release, and changes seldom.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/010-the-picture-is-placed-by-hand.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _010ThePictureIsPlacedByHand = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _010ThePictureIsPlacedByHand as default
};
