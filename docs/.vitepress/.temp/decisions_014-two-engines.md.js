import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"014 · One chart, two engines","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/014-two-engines.md","filePath":"decisions/014-two-engines.md"}');
const _sfc_main = { name: "decisions/014-two-engines.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="_014-·-one-chart-two-engines" tabindex="-1">014 · One chart, two engines <a class="header-anchor" href="#_014-·-one-chart-two-engines" aria-label="Permalink to &quot;014 · One chart, two engines&quot;">​</a></h1><p>XState&#39;s actor was a third of the bundle, more than half of the heap of a connection, and most of the time that an event takes. The chart is written once, in XState, and compiled to a table (<code>npm run chart</code>). A small interpreter runs the table by default. XState&#39;s own actor runs the chart with <code>engine: xstateEngine</code>, and is an optional peer.</p><p><strong>What the compiler lets through.</strong> Nested states, regions, entry actions, named guards, named delays, one invoked actor, transitions with one target. It refuses everything else and names the state: history, final states, <code>always</code>, exit actions, actions on initial transitions, several delays or tags on a state, outputs, wildcards, unnamed guards, several targets, two regions that answer one event, a transition from region to region, entry actions or delays that are active from the start, a delay around the invoking state, more than 30 states. A guard, an update or a delay must be the function of its name in <code>connection.logic.ts</code>, so both engines call the same code.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/014-two-engines.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _014TwoEngines = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _014TwoEngines as default
};
