import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"004 · World events carry the wait that they may lead to","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/004-world-events-carry-the-wait.md","filePath":"decisions/004-world-events-carry-the-wait.md"}');
const _sfc_main = { name: "decisions/004-world-events-carry-the-wait.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="_004-·-world-events-carry-the-wait-that-they-may-lead-to" tabindex="-1">004 · World events carry the wait that they may lead to <a class="header-anchor" href="#_004-·-world-events-carry-the-wait-that-they-may-lead-to" aria-label="Permalink to &quot;004 · World events carry the wait that they may lead to&quot;">​</a></h1><p>A hint such as <code>online</code> may shorten a wait to U(0, 1 s), &quot;never before a delay the server asked for&quot;. The chart can neither draw a random number nor read a clock, and a hinted wait can be interrupted: backoff → <code>offline</code> → <code>suspended</code> → <code>online</code> → <code>hastened</code> would have dialled after at most a second, minutes before the server&#39;s <code>Retry-After</code>.</p><p>So control works out the wait outside the chart, with the server&#39;s demand as its floor, and sends it along: <code>{ type: &#39;world.online&#39;, wait }</code>. The chart has one delay, <code>wait</code>, for <code>scheduled</code>, <code>hastened</code> and <code>suspended</code> alike, and <code>status.retryAt</code> is right in all three. A property test holds that no hint of the world dials before the server allows it.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/004-world-events-carry-the-wait.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _004WorldEventsCarryTheWait = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _004WorldEventsCarryTheWait as default
};
