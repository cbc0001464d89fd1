/** The preview page's name beside index.html. */
export const PREVIEW_PAGE = 'preview.html';
