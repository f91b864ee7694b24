import './main.css'; document.title;
