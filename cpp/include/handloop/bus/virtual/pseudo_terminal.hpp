// A pseudo-terminal: what a program opens like a serial port, with us at the other end. Linux only.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>

#include "handloop/bus/byte_queue.hpp"

namespace handloop::bus::virtual_servo {

class PseudoTerminal {
 public:
  // Throws std::system_error where the system has none left.
  PseudoTerminal() {
    master_ = check(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), "posix_openpt");
    char name[64];
    check(::grantpt(master_), "grantpt");
    check(::unlockpt(master_), "unlockpt");
    if (::ptsname_r(master_, name, sizeof name) != 0) fail("ptsname_r");
    path_ = name;
    // Held open, so that the terminal outlives its clients.
    slave_ = check(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC), name);
    Settings s = settings();
    s.input = s.output = s.local = 0;  // bytes as they are, no echo
    check(::ioctl(master_, kSet, &s), "TCSETS2");
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  ~PseudoTerminal() { close(); }

  const std::string& path() const { return path_; }
  // What the client has set.
  std::uint32_t baud() const { return settings().output_speed; }

  // What the client has written; nothing if nothing is there.
  std::size_t read(std::span<std::uint8_t> room) const {
    const ssize_t count = ::read(master_, room.data(), room.size());
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  // What the client has no room for is lost, as on a real port.
  void write(Bytes bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::write(master_, bytes.data(), bytes.size());
      if (count <= 0) return;
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }
  // To be polled: there is something to read once the client has written.
  pollfd polled() const { return {master_, POLLIN, 0}; }
  // Until the client has written, or `time` [ns] has passed.
  void wait(std::int64_t time) const {
    pollfd one = polled();
    const timespec limit{time / 1'000'000'000, time % 1'000'000'000};
    ::ppoll(&one, 1, &limit, nullptr);
  }

 private:
  // The kernel's struct termios2, which knows any baud rate. Its header does not go together with
  // <termios.h>.
  struct Settings {
    std::uint32_t input = 0, output = 0, control = 0, local = 0;
    std::uint8_t line = 0, characters[19] = {};
    std::uint32_t input_speed = 0, output_speed = 0;
  };
  static constexpr unsigned long kGet = _IOR('T', 0x2A, Settings), kSet = _IOW('T', 0x2B, Settings);

  Settings settings() const {
    Settings s;
    check(::ioctl(master_, kGet, &s), "TCGETS2");
    return s;
  }

  [[noreturn]] static void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(),
                            std::string("no pseudo-terminal: ") + what);
  }
  int check(int result, const char* what) const {
    if (result < 0) fail(what);
    return result;
  }
  void close() {
    if (slave_ >= 0) ::close(slave_);
    if (master_ >= 0) ::close(master_);
  }

  int master_ = -1, slave_ = -1;
  std::string path_;
};

}  // namespace handloop::bus::virtual_servo
