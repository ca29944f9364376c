import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Entries","description":"","frontmatter":{"editLink":false},"headers":[],"relativePath":"reference/index.md","filePath":"reference/index.md"}');
const _sfc_main = { name: "reference/index.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="entries" tabindex="-1">Entries <a class="header-anchor" href="#entries" aria-label="Permalink to &quot;Entries&quot;">​</a></h1><p>What each import holds. The pages behind the names are made from the comments in the code.</p><table tabindex="0"><thead><tr><th>import</th><th>holds</th></tr></thead><tbody><tr><td><a href="/statewire/reference/statewire.html"><code>statewire</code></a></td><td><code>createConnection</code>, the policies, <code>webSocketTransport</code> for any WHATWG-shaped class (browsers, workers, Deno, Bun, Node ≥ 22)</td></tr><tr><td><a href="/statewire/reference/statewire/core.html"><code>statewire/core</code></a></td><td><code>connect</code> and its features: <a href="/statewire/core.html">a smaller bundle</a>, and features of your own</td></tr><tr><td><a href="/statewire/reference/statewire/ws.html"><code>statewire/ws</code></a></td><td><code>wsTransport</code> over the package <code>ws</code> (an optional peer)</td></tr><tr><td><a href="/statewire/reference/statewire/websocket.html"><code>statewire/websocket</code></a></td><td><code>ReconnectingWebSocket</code>, in place of the platform&#39;s <code>WebSocket</code>, reconnecting-websocket or partysocket</td></tr><tr><td><a href="/statewire/reference/statewire/xstate.html"><code>statewire/xstate</code></a></td><td>the chart, a host to <a href="/statewire/machine.html">drive it by hand</a>, and an engine that runs connections on XState</td></tr><tr><td><a href="/statewire/reference/statewire/inspect.html"><code>statewire/inspect</code></a></td><td>what a connection does, as messages without secrets; <code>linkViewer</code>, <code>linkRelay</code>; the viewer as <code>statewire/inspect/viewer.html</code></td></tr><tr><td><a href="/statewire/reference/statewire/inspect/relay.html"><code>statewire/inspect/relay</code></a></td><td>the relay of <code>statewire inspect</code>, for Node: shows what lives in other processes</td></tr><tr><td><a href="/statewire/reference/statewire/testing/"><code>statewire/testing</code></a></td><td>a test clock, a fake transport, and a programmable fault server on real sockets</td></tr><tr><td>bin <code>statewire</code></td><td><code>statewire connect</code>, <code>statewire inspect</code>, <code>statewire lab</code></td></tr></tbody></table><p><a href="/statewire/reference/chart.html">The chart in tables</a> lists what every state does at every event.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("reference/index.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const index = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  index as default
};
