/**
 * Names of files that programs make for themselves and take away again: while something is saved,
 * as locks, as copies of what was there before. They stay in the session; no pod hears of them.
 *
 * @module
 */

const PASSING = [
  // vim: its swap files, whether it can write here (4913 and on), and its copies
  /^\.(?:.+\.)?sw[a-z]x?$/,
  /^4913[0-9]*$|^50[0-9]{2}$/,
  /^.+~$/,
  // emacs
  /^#.+#$/,
  /^\.#/,
  // rsync: .name.AbCdEf; sed -i: sedAbCdEf; gedit and others of GLib
  /^\..+\.[A-Za-z0-9]{6}$/,
  /^sed[A-Za-z0-9]{6}$/,
  /^\.goutputstream-/,
  // LibreOffice, sshfs and NFS, systems with a desktop
  /^\.~lock\..+#$/,
  /^\.fuse_hidden/,
  /^\.nfs[0-9a-f]+$/,
  /^\._|^\.DS_Store$|^\.Trash/,
  // what many programs write before they rename it
  /\.(?:tmp|temp|part|partial|crdownload|filepart|bak)$/i,
  /^\.?.+\.tmp[.-]?[0-9A-Za-z]{1,12}$/,
];

/** Whether a file of this name is there for a while only. */
export function isPassing(name: string): boolean {
  return PASSING.some((pattern) => pattern.test(name));
}
