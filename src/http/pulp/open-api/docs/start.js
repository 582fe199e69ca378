/* global SwaggerUIBundle */

// Everything comes from this server: no validator of other hosts, no configuration out of the address.
SwaggerUIBundle({
  url: '../openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'none',
  filter: true,
  queryConfigEnabled: false,
  showExtensions: true,
  validatorUrl: null,
})
