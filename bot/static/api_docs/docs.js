// Shows /api/openapi.json to people: every endpoint with what it takes and answers, and a command to try it with.
import { html } from "/static/vendor/htm.js";
import { h, render } from "/static/vendor/preact.js";

const api = await (await fetch("/api/openapi.json")).json();

const name = (schema) => schema?.$ref?.split("/").pop();
const resolved = (schema) => (schema?.$ref ? api.components.schemas[name(schema)] : schema) ?? {};
const schemaOf = (content) => Object.values(content ?? {})[0]?.schema;

// The little of Markdown that descriptions use: paragraphs, **strong** and `code` (also ``code``).
function Prose({ text }) {
  return (text ?? "").trim().split(/\n\s*\n/).map((part) => html`<p>${part.split(/(``.+?``|`.+?`|\*\*.+?\*\*)/).map((piece) => {
    if (piece.startsWith("``")) return html`<code>${piece.slice(2, -2)}</code>`;
    if (piece.startsWith("`")) return html`<code>${piece.slice(1, -1)}</code>`;
    return piece.startsWith("**") ? html`<b>${piece.slice(2, -2)}</b>` : piece;
  })}</p>`);
}

function Example({ title, content }) {
  const shown = Object.values(content ?? {})[0]?.example;
  return shown !== undefined && html`<h4>${title}</h4><pre tabindex="0">${JSON.stringify(shown, null, 2)}</pre>`;
}

function typeOf(schema) {
  if (schema.$ref) return html`<a href=${`#${name(schema)}`}>${name(schema)}</a>`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return either.flatMap((item, n) => (n ? [" | ", typeOf(item)] : [typeOf(item)]));
  if (schema.type === "array") return ["[", typeOf(schema.items ?? {}), "]"];
  return [].concat(schema.type ?? "any").join(" | ") + (schema.format ? ` (${schema.format})` : "");
}

function Fields({ schema }) {
  const shape = resolved(schema);
  const fields = Object.entries(shape.properties ?? {});
  if (!fields.length) return html`<p><code>${typeOf(schema)}</code></p>`;
  return html`
    <table>
      <thead><tr><th scope="col">field</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead>
      <tbody>${fields.map(([key, field]) => html`
        <tr key=${key}>
          <th scope="row"><code>${key}</code>${shape.required?.includes(key) && html`<b title="required"> *</b>`}</th>
          <td><code>${typeOf(field)}</code>${bounds(field) && html` <small>${bounds(field)}</small>`}</td>
          <td><${Prose} text=${field.description} />${field.default !== undefined && field.default !== null && html` <small>default ${JSON.stringify(field.default)}</small>`}</td>
        </tr>`)}
      </tbody>
    </table>`;
}

function bounds(field) {
  const schema = { ...field.anyOf?.[0], ...field };
  const span = (least, most, what) => {
    if (most === undefined) return least ? `at least ${least}${what}` : "";
    return least === undefined ? `at most ${most}${what}` : `${least} to ${most}${what}`;
  };
  return [
    span(schema.minimum, schema.maximum, ""),
    span(schema.minLength, schema.maxLength, " characters"),
    span(schema.minItems, schema.maxItems, " items"),
    schema.pattern ? `as ${schema.pattern}` : "",
  ].filter(Boolean).join("; ");
}

function curl(method, path, operation) {
  const example = operation.requestBody?.content["application/json"]?.example;
  const lines = [`curl -sS -X ${method.toUpperCase()} ${location.origin}${path}`];
  if (operation["x-scope"]) lines.push("-H 'Authorization: Bearer <key>'");
  if (example !== undefined) lines.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(example)}'`);
  else if (operation.requestBody) lines.push("--data-binary @file");
  return lines.join(" \\\n  ");
}

function who(operation) {
  if (operation["x-scope"]) return html`API key with the scope <code>${operation["x-scope"]}</code>${operation.security.length > 1 && ", or signed in at the desk"}`;
  return operation.security.length ? "Signed in at the desk" : "No key and no sign-in needed";
}

function Operation({ method, path, operation }) {
  const body = schemaOf(operation.requestBody?.content);
  return html`
    <details id=${operation.operationId}>
      <summary><span class=${`method ${method}`}>${method.toUpperCase()}</span> <code>${path}</code> <span>${operation.summary}</span></summary>
      <p class="who">${who(operation)}</p>
      <${Prose} text=${operation.description} />
      ${operation.parameters.length > 0 && html`
        <h4>Parameters</h4>
        <ul>${operation.parameters.map((item) => html`
          <li key=${item.name}><code>${item.name}</code> in ${item.in}: <code>${typeOf(item.schema)}</code>${item.schema.pattern && html` <code>${item.schema.pattern}</code>`}</li>`)}
        </ul>`}
      ${body && html`<h4>Body${name(body) && html` <a href=${`#${name(body)}`}>${name(body)}</a>`}</h4><${Prose} text=${resolved(body).description} /><${Fields} schema=${body} />`}
      <h4>Try it</h4>
      <pre tabindex="0">${curl(method, path, operation)}</pre>
      <h4>Answers</h4>
      <ul>${Object.entries(operation.responses).map(([status, answer]) => html`
        <li key=${status}><b>${status}</b> <${Answer} status=${status} answer=${answer} /></li>`)}
      </ul>
      ${Object.entries(operation.responses).filter(([status]) => status < 300).map(([status, answer]) => html`<${Example} key=${status} title=${`Example of ${status}`} content=${answer.content} />`)}
    </details>`;
}

function Answer({ status, answer }) {
  const types = Object.entries(answer.content ?? {});
  return html`<${Prose} text=${answer.description} />
    ${" "}${status < 400 && types.map(([type, said]) => html` <p key=${type}><code>${typeOf(said.schema)}</code> <small>${type}</small></p>`)}`;
}

function Event({ topic, event }) {
  const body = Object.values(event.requestBody.content)[0].schema;
  return html`
    <details id=${topic}>
      <summary><span class="method post">EVENT</span> <code>${topic}</code> <span>${event.summary}</span></summary>
      <h4>Its <code>data</code></h4>
      <${Fields} schema=${body.properties.data} />
    </details>`;
}

function Page() {
  const all = Object.entries(api.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method, path, operation })));
  const scopes = [...new Set(all.map(({ operation }) => operation["x-scope"]).filter(Boolean))].sort();
  return html`
    <main>
      <header>
        <h1>${api.info.title} API <small>${api.info.version}</small></h1>
        <p>${api.info.summary} OpenAPI 3.1: <a href="/api/openapi.json">/api/openapi.json</a></p>
        <nav aria-label="Groups">${api.tags.map(({ name: tag }) => html`<a key=${tag} href=${`#${tag}`}>${tag}</a>`)}<a href="#events">events</a><a href="#schemas">schemas</a></nav>
        <${Prose} text=${api.info.description} />
        <h2>Scopes</h2>
        <table>
          <tbody>${scopes.map((scope) => html`
            <tr key=${scope}><th scope="row"><code>${scope}</code></th>
              <td>${all.filter(({ operation }) => operation["x-scope"] === scope).map(({ method, path, operation }) => html`<div key=${method + path}><a href=${`#${operation.operationId}`} onClick=${() => show(operation.operationId)}>${operation.summary}</a></div>`)}</td></tr>`)}
          </tbody>
        </table>
      </header>
      ${api.tags.map(({ name: tag, description }) => html`
        <section key=${tag} id=${tag}>
          <h2>${tag}</h2>
          <${Prose} text=${description} />
          ${all.filter(({ operation }) => operation.tags.includes(tag)).map((item) => html`<${Operation} key=${item.method + item.path} ...${item} />`)}
        </section>`)}
      <section id="events">
        <h2>events</h2>
        <p>What is posted to addresses that asked for it: <code>{"id", "topic", "at", "data"}</code>, with these headers:</p>
        <ul>${Object.values(api.webhooks)[0].post.parameters.map((header) => html`<li key=${header.name}><code>${header.name}</code>: <${Prose} text=${header.description} /></li>`)}</ul>
        ${Object.entries(api.webhooks).map(([topic, { post }]) => html`<${Event} key=${topic} topic=${topic} event=${post} />`)}
      </section>
      <section id="schemas">
        <h2>schemas</h2>
        ${Object.keys(api.components.schemas).map((key) => html`
          <article key=${key} id=${key}><h3>${key}</h3><${Prose} text=${api.components.schemas[key].description} /><${Fields} schema=${{ $ref: `#/components/schemas/${key}` }} /></article>`)}
      </section>
    </main>`;
}

// A link to an operation opens it.
function show(id) {
  const found = document.getElementById(id);
  if (found?.tagName === "DETAILS") found.open = true;
}

render(h(Page), document.body);
show(decodeURIComponent(location.hash.slice(1)));
document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
