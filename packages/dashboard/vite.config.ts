import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { lightEndpoints } from './light-endpoints.ts'

export default defineConfig({
  plugins: [react(), lightEndpoints()],
  root: import.meta.dirname,
  build: {
    outDir: '../cli/dist/dashboard',
    emptyOutDir: true,
    // Inlined files would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      treeshake: {
        // The schema library does not say so itself: its modules only define. The checker that nobody asked for yet would
        // otherwise come with the first schema.
        moduleSideEffects: [{ test: /node_modules.typebox./, sideEffects: false }],
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8000' } },
})
