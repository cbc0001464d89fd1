/** The pictures on buttons and in lists. All are decoration: what carries them has a label. */
import {
  ArrowLeftRight,
  Check,
  ChevronDown,
  ChevronRight,
  CircleAlert,
  Eye,
  FileBraces,
  FileCode2,
  FileImage,
  FileText,
  FileType2,
  Folder,
  History,
  Keyboard,
  Link2,
  LogOut,
  type LucideProps,
  Monitor,
  Moon,
  Pencil,
  Plus,
  Search,
  Sun,
  Trash2,
  Upload,
  UserPlus,
  Users,
  X,
} from 'lucide-react';
import type { ComponentType } from 'react';

function icon(Picture: ComponentType<LucideProps>) {
  return function Icon({ size = 16 }: { size?: number }) {
    return <Picture size={size} strokeWidth={1.75} aria-hidden="true" focusable="false" style={{ flexShrink: 0 }} />;
  };
}

export const CloseIcon = icon(X);
export const PlusIcon = icon(Plus);
export const PencilIcon = icon(Pencil);
export const TrashIcon = icon(Trash2);
export const UploadIcon = icon(Upload);
export const FolderIcon = icon(Folder);
export const CodeFileIcon = icon(FileCode2);
export const DataFileIcon = icon(FileBraces);
export const ImageFileIcon = icon(FileImage);
export const FontFileIcon = icon(FileType2);
export const TextFileIcon = icon(FileText);
export const ChevronDownIcon = icon(ChevronDown);
export const ChevronRightIcon = icon(ChevronRight);
export const HistoryIcon = icon(History);
export const CompareIcon = icon(ArrowLeftRight);
export const LinkIcon = icon(Link2);
export const EyeIcon = icon(Eye);
export const CheckIcon = icon(Check);
export const AlertIcon = icon(CircleAlert);
export const SearchIcon = icon(Search);
export const UsersIcon = icon(Users);
export const InviteIcon = icon(UserPlus);
export const KeyboardIcon = icon(Keyboard);
export const SignOutIcon = icon(LogOut);
export const SunIcon = icon(Sun);
export const MoonIcon = icon(Moon);
export const MonitorIcon = icon(Monitor);
