import { render } from 'preact';
import { listen } from './app/live.ts';
import { preloadPage } from './app/pages.tsx';
import { loadProject } from './app/project.ts';
import { followLinks } from './app/router.ts';
import { Shell } from './app/shell.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';

followLinks();
void loadProject();
preloadPage();
void listen();
render(<Shell />, document.getElementById('app')!);
