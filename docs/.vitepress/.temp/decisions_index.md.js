import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Decisions","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/index.md","filePath":"decisions/README.md"}');
const _sfc_main = { name: "decisions/index.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="decisions" tabindex="-1">Decisions <a class="header-anchor" href="#decisions" aria-label="Permalink to &quot;Decisions&quot;">​</a></h1><p>What was settled, and surprised somebody. One page each; none is changed later, only followed by another.</p><ul><li><a href="/statewire/decisions/001-names-added-to-the-surface.html">001 · Names added to the public surface</a></li><li><a href="/statewire/decisions/002-policies-check-their-own-options.html">002 · Policies check their own options</a></li><li><a href="/statewire/decisions/003-heartbeat-in-detail.html">003 · The heartbeat in detail</a></li><li><a href="/statewire/decisions/004-world-events-carry-the-wait.html">004 · World events carry the wait that they may lead to</a></li><li><a href="/statewire/decisions/005-testing-has-a-browser-half.html">005 · <code>statewire/testing</code> has a browser half</a></li><li><a href="/statewire/decisions/006-a-queue-can-be-handed-back.html">006 · A queue can be handed back</a></li><li><a href="/statewire/decisions/007-streams-are-views.html">007 · Streams are views</a></li><li><a href="/statewire/decisions/008-what-a-connection-weighs.html">008 · What a connection weighs</a></li><li><a href="/statewire/decisions/009-inspecting-from-outside.html">009 · Inspecting from outside the process</a></li><li><a href="/statewire/decisions/010-the-picture-is-placed-by-hand.html">010 · The picture of the chart is placed by hand</a></li><li><a href="/statewire/decisions/011-proof-of-delivery-and-slow-links.html">011 · Proof of delivery, and slow links</a></li><li><a href="/statewire/decisions/012-lone-messages.html">012 · When a message over <code>ws</code> is alone in its tick</a></li><li><a href="/statewire/decisions/013-sentences-by-condition.html">013 · Error messages by condition</a></li><li><a href="/statewire/decisions/014-two-engines.html">014 · One chart, two engines</a></li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/README.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const README = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  README as default
};
