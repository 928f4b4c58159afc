/** See `device/echo.ts`, where every floor finds it. */
export { ECHOED, echo, shortened } from '../device/echo.js';
