/**
 * Of the page that browsers get: draws the answer, follows its links, fills forms from the schema, runs actions with the token of
 * the cookie. Plain DOM calls only, so that no text of the answer ever becomes markup.
 */
export const browseScript = String.raw`'use strict'
;(async () => {
  const el = (name, attributes = {}, ...children) => {
    const made = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith('on')) made.addEventListener(key.slice(2), value)
      else if (value !== false) made.setAttribute(key, value === true ? '' : value)
    }
    made.append(...children)
    return made
  }
  const isLink = (value) => typeof value === 'string' && /^https?:\/\//.test(value)
  const anchor = (url, text) => (isLink(url) ? el('a', { href: url }, text) : text)
  const csrf = () => /(?:^|;\s*)CSRF=([^;]*)/.exec(document.cookie)?.[1] ?? ''

  async function call(method, url, body) {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json', 'X-API-CSRF': csrf() }
    const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    const result = await answer.json()
    if (answer.ok) return result
    throw new Error([result.status, result.code, result.fieldName, result.detail].filter(Boolean).join(' \u00b7 '))
  }

  const faults = el('div', { role: 'alert' })
  async function attempt(work) {
    faults.replaceChildren()
    try {
      await work()
    } catch (error) {
      faults.replaceChildren(el('p', { class: 'fault' }, error.message))
      faults.scrollIntoView({ block: 'nearest' })
    }
  }
  const go = (resource) => location.assign(resource?.links?.self ?? location.href)

  const known = new Map()
  if (data.type !== 'error') {
    try {
      for (const schema of (await call('GET', schemas)).data) known.set(schema.id, schema)
    } catch (error) {
      faults.append(el('p', { class: 'fault' }, 'The schemas cannot be read: ' + error.message))
    }
  }

  function header() {
    const path = el('span', { class: 'path' })
    let url = location.origin
    path.append(anchor(url + '/', location.host))
    for (const part of location.pathname.split('/').filter(Boolean)) {
      url += '/' + part
      path.append(' / ', anchor(url, decodeURIComponent(part)))
    }
    const plain = new URL(location.href)
    plain.searchParams.set('_format', 'json')
    return el('header', {}, path, anchor(plain.href, 'JSON'), el('span', {}, user))
  }

  function rows(entries, print) {
    return el('table', {}, ...entries.map(([name, value]) => el('tr', {}, el('th', {}, name), el('td', {}, print(value)))))
  }
  const text = (value) => (value === null ? '\u2013' : isLink(value) ? anchor(value, value) : typeof value === 'object' ? JSON.stringify(value) : String(value))

  function buttons(resource) {
    const line = el('p')
    for (const [name, url] of Object.entries(resource.actions ?? {})) {
      line.append(el('button', { type: 'button', onclick: () => attempt(async () => go(await call('POST', url, {}))) }, name))
    }
    const methods = known.get(resource.type)?.resourceMethods ?? []
    if (methods.includes('PUT')) line.append(opener('Edit', () => form(resource.type, 'update', resource)))
    if (methods.includes('DELETE')) {
      const remove = () => confirm('Delete ' + resource.id + '?') && attempt(async () => go(await call('DELETE', resource.links.self)))
      line.append(el('button', { type: 'button', class: 'bad', onclick: remove }, 'Delete'))
    }
    return line
  }

  function opener(title, make) {
    const place = el('div')
    const toggle = () => (place.firstChild ? place.replaceChildren() : place.append(make()))
    return el('span', {}, el('button', { type: 'button', onclick: toggle }, title), place)
  }

  function input(name, field, value) {
    if (field.options || field.type === 'boolean') {
      const options = [...(field.required ? [] : ['']), ...(field.options ?? ['true', 'false'])]
      return el('select', { name }, ...options.map((one) => el('option', { value: one, selected: one === String(value ?? '') }, one)))
    }
    const shown = value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)
    if (/^(map|array|json)/.test(field.type)) return el('textarea', { name }, shown)
    const type = field.type === 'password' ? 'password' : 'text'
    return el('input', { name, type, value: shown, autocomplete: 'off', maxlength: field.maxLength ?? false })
  }

  function form(type, flag, resource) {
    const schema = known.get(type)
    const fields = Object.entries(schema.resourceFields).filter(([, field]) => field[flag])
    const start = { ...(flag === 'create' ? data.createDefaults : resource) }
    const made = el('form', {}, el('h2', {}, (flag === 'create' ? 'New ' : 'Edit ') + type))
    for (const [name, field] of fields) {
      const note = ' ' + field.type + (field.required ? ', required' : '')
      made.append(el('label', {}, name, el('small', {}, note), input(name, field, start[name] ?? (flag === 'create' ? field.default : undefined))))
    }
    made.append(el('p', {}, el('button', {}, flag === 'create' ? 'Create' : 'Save')))
    made.addEventListener('submit', (event) => {
      event.preventDefault()
      attempt(async () => {
        const body = read(made, fields)
        go(await (flag === 'create' ? call('POST', schema.links.collection, body) : call('PUT', resource.links.self, body)))
      })
    })
    return made
  }

  function read(made, fields) {
    const body = {}
    for (const [name, field] of fields) {
      const value = made.elements[name].value
      if (value === '') continue
      body[name] = /^(map|array|json)/.test(field.type) ? JSON.parse(value) : value
    }
    return body
  }

  function creators(collection) {
    const own = known.get(collection.resourceType)
    const types = [...(own?.collectionMethods.includes('POST') ? [own.id] : []), ...Object.keys(collection.createTypes ?? {})]
    return el('p', {}, ...types.filter((type) => known.has(type)).map((type) => opener('New ' + type, () => form(type, 'create'))))
  }

  function list(collection) {
    const names = ['id', 'name', 'state', 'type', 'transitioning'].filter((name) => collection.data.some((one) => name in one))
    const head = el('tr', {}, ...names.map((name) => el('th', {}, anchor(collection.sortLinks?.[name], name))))
    const body = collection.data.map((one) =>
      el('tr', {}, ...names.map((name) => el('td', {}, name === 'id' ? anchor(one.links.self, one.id) : text(one[name] ?? null)))),
    )
    const parts = [el('h1', {}, collection.resourceType), creators(collection), el('table', {}, head, ...body)]
    if (collection.data.length === 0) parts.push(el('p', {}, 'Nothing here.'))
    if (collection.pagination?.next) parts.push(el('p', {}, anchor(collection.pagination.next, 'Next page')))
    return parts
  }

  function one(resource) {
    const { id, type, links, actions, ...fields } = resource
    const title = type === 'error' ? resource.status + ' ' + resource.code : type + ' ' + (resource.name ?? id)
    return [
      el('h1', {}, title),
      buttons(resource),
      el('h2', {}, 'Fields'),
      rows(Object.entries(fields), text),
      el('h2', {}, 'Links'),
      rows(Object.entries(links), text),
    ]
  }

  const raw = [el('h2', {}, 'The answer'), el('pre', {}, JSON.stringify(data, null, 2))]
  document.body.append(header(), faults, ...(data.type === 'collection' ? list(data) : one(data)), ...raw)
})()
`
