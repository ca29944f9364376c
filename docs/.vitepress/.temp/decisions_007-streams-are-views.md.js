import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"007 · Streams are views","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/007-streams-are-views.md","filePath":"decisions/007-streams-are-views.md"}');
const _sfc_main = { name: "decisions/007-streams-are-views.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="_007-·-streams-are-views" tabindex="-1">007 · Streams are views <a class="header-anchor" href="#_007-·-streams-are-views" aria-label="Permalink to &quot;007 · Streams are views&quot;">​</a></h1><p>The design asks for <code>readable</code> and <code>writable</code> &quot;as in WebSocketStream&quot;. There, closing the writable or cancelling the readable closes the socket: one stream pair is the socket. Here it is not. A connection has listeners, iterators and senders beside its streams, and it outlives its sockets. <code>for await (const m of connection.readable) break</code> cancels the stream, as the standard has it, and would have taken the connection away from everybody else; so would the end of any source that was piped into <code>writable</code>.</p><p>So a stream that ends ends itself. <code>pipeTo(connection.writable)</code> is done when everything has been handed to a socket that had room; what follows, such as <code>close()</code>, is the app&#39;s to say. The backpressure is that of WebSocketStream: a write waits for room, a reader that does not read stops the socket where the transport can.</p><p>A stream that is over is replaced at the next access, because a connection can be opened again after it has ended.</p><p><strong>The end.</strong> A connection that has ended errors its <code>writable</code> at once, whether or not a write waits. A pipe whose source is quiet would otherwise never hear of it, and would write into a later life what was meant for the earlier one. From <code>close()</code> on no reader stops the socket: the server&#39;s goodbye comes behind its backlog, and a socket that is read to its end with a buffer that only counts messages took 280 MiB in two seconds.</p><p><strong>Bytes.</strong> A reader&#39;s bound in bytes counts the raw frame, also where a codec has made something else of it: the difference between two readings of the data plane&#39;s running total, so that the hot path counts nothing anew. A writer cannot know the size of what is not yet encoded, and encoding it twice would run the app&#39;s code twice; such a message counts 4 KiB.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/007-streams-are-views.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _007StreamsAreViews = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _007StreamsAreViews as default
};
