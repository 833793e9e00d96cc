/** The texts of starting, cancelling and trying again. */
const en = {
  start: 'Start a run',
  cancel: 'Cancel the run',
  retry: 'Retry from failure',
  signInFirst: 'Operators who have signed in can start, cancel and retry runs.',
  noKey: 'Runs are started and cancelled here once an operator’s key is set: serve: { admin: … }.',
  cancelTitle: (id: string) => `Cancel run ${id}?`,
  cancelText: 'What runs now is stopped on the server. Published data stays as it is.',
  keep: 'Let it go on',
  cancelling: 'It has been asked to end; it does so within a few seconds.',
  retryHint: 'Runs again what failed and what was skipped because of it.',
  command: 'Command',
  commands: {
    build: 'build: load, build, test and publish',
    load: 'load: only from the sources into bronze',
    run: 'run: build, test and publish, without loading',
  },
  select: 'Select',
  selectHint: 'As behind --select: gold.vendas+ tag:daily; empty: everything',
  exclude: 'Exclude',
  excludeHint: 'As behind --exclude',
  fullRefresh: 'Full refresh: build incremental models anew, load everything again',
  begin: 'Start',
};

const ptBR: typeof en = {
  start: 'Iniciar uma execução',
  cancel: 'Cancelar a execução',
  retry: 'Retomar da falha',
  signInFirst: 'Operadores que entraram podem iniciar, cancelar e retomar execuções.',
  noKey:
    'Execuções são iniciadas e canceladas aqui depois que uma chave de operador é definida: serve: { admin: … }.',
  cancelTitle: (id) => `Cancelar a execução ${id}?`,
  cancelText: 'O que roda agora é parado no servidor. Os dados publicados ficam como estão.',
  keep: 'Deixar continuar',
  cancelling: 'Foi pedido que termine; isso acontece em poucos segundos.',
  retryHint: 'Roda de novo o que falhou e o que não foi executado por causa disso.',
  command: 'Comando',
  commands: {
    build: 'build: carregar, construir, testar e publicar',
    load: 'load: só das fontes para o bronze',
    run: 'run: construir, testar e publicar, sem carregar',
  },
  select: 'Selecionar',
  selectHint: 'Como em --select: gold.vendas+ tag:daily; vazio: tudo',
  exclude: 'Excluir',
  excludeHint: 'Como em --exclude',
  fullRefresh: 'Atualização completa: reconstruir modelos incrementais, carregar tudo de novo',
  begin: 'Iniciar',
};

export const runActions = { en, ptBR };
