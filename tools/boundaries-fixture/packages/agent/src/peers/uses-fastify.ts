// breaks: fastify-in-routes-only
import 'fastify'
export {}
