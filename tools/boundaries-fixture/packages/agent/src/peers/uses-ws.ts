// breaks: ws-in-links-and-upgrades
import 'ws'
export {}
