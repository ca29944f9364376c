import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"009: Inspecting from outside the process","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/009-inspecting-from-outside.md","filePath":"decisions/009-inspecting-from-outside.md"}');
const _sfc_main = { name: "decisions/009-inspecting-from-outside.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="_009-inspecting-from-outside-the-process" tabindex="-1">009: Inspecting from outside the process <a class="header-anchor" href="#_009-inspecting-from-outside-the-process" aria-label="Permalink to &quot;009: Inspecting from outside the process&quot;">​</a></h1><p>The design put the relay into <code>statewire/inspect</code>. It is <code>statewire/inspect/relay</code>, an entry of its own, because it is a server: it imports <code>node:http</code> and needs <code>ws</code>, and <code>statewire/inspect</code> is for browsers too. <code>ws</code> is loaded when <code>createRelay</code> is called, as in <code>statewire/ws</code>.</p><p><code>linkRelay</code>, the other end, is in <code>statewire/inspect</code>: it is a connection like any other, over any transport, and needs nothing of Node. It has the shape of <code>linkViewer</code>, so that a page and a process are shown in the same way.</p><p>The address to tell and the address to look have different tokens. One would do for whoever starts both; but the address to tell goes into environments, shell histories and bundles of pages, and whoever finds it there should not see what others tell.</p><p>The viewer is in an iframe with neither origin nor network, and our page around it carries the messages. So the viewer stays the file that it is everywhere else, with a policy that allows nothing, and what it shows (the names and fields of strangers) is rendered where nothing can be reached from.</p><p>The relay compares shapes and does not look into fields. What is secret is taken out by the connection, before anybody is told: a filter in the relay would come too late, since the secret would already have left the process, and would invite to rely on it.</p><p>A viewer that does not read is dropped, not skipped: with a gap in what it was told it would show states that are not. Its page comes back and is introduced anew.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/009-inspecting-from-outside.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _009InspectingFromOutside = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _009InspectingFromOutside as default
};
