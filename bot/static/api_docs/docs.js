// Shows /api/openapi.json to people: every endpoint with what it takes and answers, and a command to try it with.
import { html } from "/static/vendor/htm.js";
import { h, render } from "/static/vendor/preact.js";

const api = await (await fetch("/api/openapi.json")).json();

const name = (schema) => schema?.$ref?.split("/").pop();
const resolved = (schema) => (schema?.$ref ? api.components.schemas[name(schema)] : schema) ?? {};
const schemaOf = (content) => Object.values(content ?? {})[0]?.schema;

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
          <td><code>${typeOf(field)}</code></td>
          <td>${field.description}${field.default !== undefined && field.default !== null && html` <small>default ${JSON.stringify(field.default)}</small>`}</td>
        </tr>`)}
      </tbody>
    </table>`;
}

function curl(method, path, operation) {
  const lines = [`curl -sS -X ${method.toUpperCase()} ${location.origin}${path}`];
  if (operation.security.length) lines.push("-H 'Authorization: Bearer <key>'");
  if (operation.requestBody) lines.push("-H 'Content-Type: application/json'", "-d '{...}'");
  return lines.join(" \\\n  ");
}

function Operation({ method, path, operation }) {
  const body = schemaOf(operation.requestBody?.content);
  return html`
    <details id=${`${method} ${path}`}>
      <summary><span class=${`method ${method}`}>${method.toUpperCase()}</span> <code>${path}</code> <span>${operation.summary}</span></summary>
      ${operation["x-scope"] && html`<p>API key scope: <code>${operation["x-scope"]}</code></p>`}
      ${!operation.security.length && html`<p>No sign-in needed.</p>`}
      ${operation.parameters.length > 0 && html`
        <h4>Parameters</h4>
        <ul>${operation.parameters.map((item) => html`
          <li key=${item.name}><code>${item.name}</code> in ${item.in}: <code>${typeOf(item.schema)}</code>${item.schema.pattern && html` <code>${item.schema.pattern}</code>`}</li>`)}
        </ul>`}
      ${body && html`<h4>Body${name(body) && html` <a href=${`#${name(body)}`}>${name(body)}</a>`}</h4><${Fields} schema=${body} />`}
      <h4>Answers</h4>
      <ul>${Object.entries(operation.responses).map(([status, answer]) => html`
        <li key=${status}><b>${status}</b> ${answer.description} ${schemaOf(answer.content) && html`<code>${typeOf(schemaOf(answer.content))}</code>`}</li>`)}
      </ul>
      <pre tabindex="0">${curl(method, path, operation)}</pre>
    </details>`;
}

function Page() {
  const all = Object.entries(api.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method, path, operation })));
  const tags = [...new Set(all.flatMap(({ operation }) => operation.tags))];
  return html`
    <main>
      <header>
        <h1>${api.info.title} API <small>${api.info.version}</small></h1>
        <p>OpenAPI 3.1: <a href="/api/openapi.json">/api/openapi.json</a>. Programs send an API key as <code>Authorization: Bearer</code>;
          errors are <code>application/problem+json</code> (RFC 9457).</p>
        <nav aria-label="Groups">${tags.map((tag) => html`<a key=${tag} href=${`#${tag}`}>${tag}</a>`)}</nav>
      </header>
      ${tags.map((tag) => html`
        <section key=${tag} id=${tag}>
          <h2>${tag}</h2>
          ${all.filter(({ operation }) => operation.tags.includes(tag)).map((item) => html`<${Operation} key=${item.method + item.path} ...${item} />`)}
        </section>`)}
      <section>
        <h2>Schemas</h2>
        ${Object.keys(api.components.schemas).map((key) => html`
          <article key=${key} id=${key}><h3>${key}</h3><${Fields} schema=${{ $ref: `#/components/schemas/${key}` }} /></article>`)}
      </section>
    </main>`;
}

render(h(Page), document.body);
