import { render } from 'preact';
import '#shared/pages/base.css';
import './main.css';
import { Start } from './start.tsx';

if ('serviceWorker' in navigator)
  void navigator.serviceWorker.register('/drive/worker.js', { scope: '/drive', type: 'module' }).catch(() => {});

render(<Start />, document.getElementById('app')!);
