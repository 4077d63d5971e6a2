import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { useToast, type Toast } from '../ui/toasts.tsx'

interface ChangeOptions<Input, Answer> {
  readonly run: (input: Input) => Promise<Answer>
  /** What is different from now on. */
  readonly changes: readonly string[]
  readonly said: (input: Input, answer: Answer) => Toast
}

/** A small change from a row or menu, which has no place for an answer: how it ended is said above the page. */
export function useChange<Input, Answer>({
  run,
  changes,
  said,
}: ChangeOptions<Input, Answer>): UseMutationResult<Answer, Error, Input> {
  const client = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: run,
    onSuccess: async (answer, input) => {
      toast(said(input, answer))
      await client.invalidateQueries({ queryKey: changes })
    },
    onError: (error) => toast({ tone: 'bad', text: error.message }),
  })
}
