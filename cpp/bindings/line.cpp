// A line of servos: one request at a time, from any thread, without the interpreter's lock.

#include <cmath>
#include <memory>
#include <mutex>
#include <string_view>
#include <tuple>

#include "bindings.hpp"
#include "bus_lines.hpp"
#include "handloop/bus/dynamixel_protocol.hpp"
#include "handloop/bus/feetech_protocol.hpp"
#include "handloop/bus/serial_wire.hpp"

namespace handloop::bindings {

std::unique_ptr<bus::Protocol> make_protocol(ServoProtocol family) {
  if (family == ServoProtocol::kDynamixel2) return std::make_unique<bus::DynamixelProtocol>();
  return std::make_unique<bus::FeetechProtocol>(family == ServoProtocol::kFeetech);
}

namespace {

std::int64_t whole_ns(double seconds) { return std::llround(1e9 * seconds); }

}  // namespace

bus::LineConfig line_config(double return_delay, double patience, int silences, double probe_every,
                            bool fast) {
  for (const double time : {return_delay, patience, probe_every}) {
    if (!(time >= 0.0 && time < 1e6)) throw py::value_error("times of a line are 0 s or more");
  }
  bus::LineConfig config;
  config.return_delay = whole_ns(return_delay);
  config.patience = whole_ns(patience);
  config.silences = silences;
  config.probe_every = whole_ns(probe_every);
  config.fast = fast;
  return config;
}

namespace {

// What a servo said, copied off the line.
struct ServoAnswer {
  std::uint8_t id = 0;
  bus::Outcome outcome = bus::Outcome::kNotAsked;
  std::uint8_t refusal = 0, alarms = 0;
  std::string data;
};

std::string copy_of(bus::Bytes bytes) { return {bytes.begin(), bytes.end()}; }

ServoAnswer copy_of(std::uint8_t id, bus::Outcome outcome, const bus::Reply& reply) {
  return {id, outcome, reply.refusal, reply.alarms, copy_of(reply.data)};
}

ServoAnswer copy_of(const bus::Group& group, std::size_t i) {
  const bus::Reading& r = group.reading(i);
  const bool fresh = r.outcome == bus::Outcome::kAnswered && r.refusal == 0;
  return {group.servo(i).id, r.outcome, r.refusal, r.alarms,
          fresh ? copy_of(group.data(i)) : std::string()};
}

class ServoLine {
  static constexpr std::uint8_t kEveryone = 0xFE;

  // Nobody else speaks meanwhile, and Python runs on.
  template <typename Work>
  auto alone(Work&& work) {
    const py::gil_scoped_release release;
    const std::lock_guard lock(mutex_);
    return work();
  }

  template <typename Request>
  ServoAnswer ask(std::uint8_t id, std::size_t data_size, Request&& request) {
    if (id >= kEveryone) throw py::value_error("one servo is asked: give an id of 0 to 253");
    return alone([&] {
      const auto [outcome, reply] = line_.ask(id, request(*protocol_), data_size);
      return copy_of(id, outcome, reply);
    });
  }

 public:
  ServoLine(bus::Wire& wire, ServoProtocol family, const bus::LineConfig& config)
      : protocol_(make_protocol(family)), line_(wire, *protocol_, config) {}

  ServoAnswer ping(std::uint8_t id) {
    return ask(id, protocol_->ping_size(), [&](auto& p) { return p.ping(id); });
  }
  ServoAnswer read(std::uint8_t id, std::uint16_t address, std::uint16_t size) {
    return ask(id, size, [&](auto& p) { return p.read({id, address, size, {}}); });
  }
  ServoAnswer write(std::uint8_t id, std::uint16_t address, bus::Bytes data) {
    return ask(id, 0, [&](auto& p) { return p.write(block(id, address, data)); });
  }
  ServoAnswer reg_write(std::uint8_t id, std::uint16_t address, bus::Bytes data) {
    return ask(id, 0, [&](auto& p) { return p.reg_write(block(id, address, data)); });
  }
  ServoAnswer reboot(std::uint8_t id) {
    return ask(id, 0, [&](auto& p) { return p.reboot(id); });
  }
  ServoAnswer factory_reset(std::uint8_t id, bus::Kept kept) {
    return ask(id, 0, [&](auto& p) { return p.factory_reset(id, kept); });
  }
  ServoAnswer clear_turns(std::uint8_t id) {
    return ask(id, 0, [&](auto& p) { return p.clear_turns(id); });
  }
  bool action() {
    return alone([&] { return line_.tell(protocol_->action(kEveryone)); });
  }

  std::vector<ServoAnswer> ping_all(double duration) {
    std::vector<ServoAnswer> answers;
    alone([&] {
      line_.census(protocol_->ping(kEveryone), protocol_->ping_size(), whole_ns(duration),
                   [&](const bus::Reply& reply) {
                     answers.push_back(copy_of(reply.id, bus::Outcome::kAnswered, reply));
                   });
    });
    return answers;
  }

  std::vector<ServoAnswer> read_group(bus::Group& group) {
    return alone([&] {
      line_.read(group);
      std::vector<ServoAnswer> answers;
      for (std::size_t i = 0; i < group.size(); ++i) answers.push_back(copy_of(group, i));
      return answers;
    });
  }

  bool write_group(const std::vector<bus::Registers>& blocks) {
    return alone([&] {
      const bus::Bytes request = protocol_->group_write(blocks);
      if (request.empty()) {
        throw std::invalid_argument("these blocks cannot be written in one packet of this family");
      }
      return line_.tell(request);
    });
  }

  static bus::Registers block(std::uint8_t id, std::uint16_t address, bus::Bytes data) {
    return {id, address, static_cast<std::uint16_t>(data.size()), data};
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<bus::Protocol> protocol_;
  bus::Line line_;
};

bus::Bytes bytes_of(std::string_view data) {
  return {reinterpret_cast<const std::uint8_t*>(data.data()), data.size()};
}

std::unique_ptr<ServoLine> make_line(bus::Wire& wire, ServoProtocol family, double return_delay,
                                     double patience, int silences, double probe_every, bool fast) {
  return std::make_unique<ServoLine>(
      wire, family, line_config(return_delay, patience, silences, probe_every, fast));
}

void bind_words(py::module_& m) {
  py::native_enum<bus::Outcome>(m, "ServoOutcome", "enum.IntEnum")
      .value("ANSWERED", bus::Outcome::kAnswered)
      .value("SILENT", bus::Outcome::kSilent)
      .value("DAMAGED", bus::Outcome::kDamaged)
      .value("SKIPPED", bus::Outcome::kSkipped)
      .value("NOT_ASKED", bus::Outcome::kNotAsked)
      .value("GONE", bus::Outcome::kGone)
      .finalize();
  py::native_enum<ServoProtocol>(m, "ServoProtocol", "enum.IntEnum")
      .value("DYNAMIXEL2", ServoProtocol::kDynamixel2)
      .value("FEETECH", ServoProtocol::kFeetech)
      .value("FEETECH_SCS", ServoProtocol::kFeetechScs)
      .finalize();
  py::native_enum<bus::Kept>(m, "KeptOnReset", "enum.IntEnum")
      .value("NOTHING", bus::Kept::kNothing)
      .value("ID", bus::Kept::kId)
      .value("ID_AND_BAUD", bus::Kept::kIdAndBaud)
      .finalize();

  py::class_<ServoAnswer>(m, "ServoAnswer")
      .def_readonly("id", &ServoAnswer::id)
      .def_readonly("outcome", &ServoAnswer::outcome)
      .def_readonly("refusal", &ServoAnswer::refusal)
      .def_readonly("alarms", &ServoAnswer::alarms)
      .def_property_readonly("data", [](const ServoAnswer& a) { return py::bytes(a.data); });
}

void bind_group(py::module_& m) {
  using Block = std::tuple<std::uint8_t, std::uint16_t, std::uint16_t>;
  py::class_<bus::Group>(m, "ServoGroup")
      .def(py::init([](const std::vector<Block>& blocks) {
             std::vector<bus::Registers> servos;
             for (const auto& [id, address, size] : blocks) {
               servos.push_back({id, address, size, {}});
             }
             return std::make_unique<bus::Group>(servos);
           }),
           py::arg("blocks"))
      .def("__len__", &bus::Group::size);
}

double seconds(std::int64_t time) { return 1e-9 * static_cast<double>(time); }

void bind_line_config(py::module_& m) {
  const bus::LineConfig usual;
  py::class_<bus::LineConfig>(m, "LineConfig")
      .def(py::init(&line_config), py::kw_only(),
           py::arg("return_delay") = seconds(usual.return_delay),
           py::arg("patience") = seconds(usual.patience), py::arg("silences") = usual.silences,
           py::arg("probe_every") = seconds(usual.probe_every), py::arg("fast") = usual.fast);
}

void bind_servo_line(py::module_& m) {
  const bus::LineConfig usual;
  py::class_<ServoLine>(m, "ServoLine")
      .def(py::init(&make_line), py::arg("wire"), py::arg("protocol"), py::kw_only(),
           py::arg("return_delay") = seconds(usual.return_delay),
           py::arg("patience") = seconds(usual.patience), py::arg("silences") = usual.silences,
           py::arg("probe_every") = seconds(usual.probe_every), py::arg("fast") = usual.fast,
           py::keep_alive<1, 2>())
      .def("ping", &ServoLine::ping, py::arg("id"))
      .def("ping_all", &ServoLine::ping_all, py::arg("duration"))
      .def("read", &ServoLine::read, py::arg("id"), py::arg("address"), py::arg("size"))
      .def(
          "write",
          [](ServoLine& l, std::uint8_t id, std::uint16_t address, const py::bytes& data) {
            return l.write(id, address, bytes_of(data));
          },
          py::arg("id"), py::arg("address"), py::arg("data"))
      .def(
          "reg_write",
          [](ServoLine& l, std::uint8_t id, std::uint16_t address, const py::bytes& data) {
            return l.reg_write(id, address, bytes_of(data));
          },
          py::arg("id"), py::arg("address"), py::arg("data"))
      .def("action", &ServoLine::action)
      .def("reboot", &ServoLine::reboot, py::arg("id"))
      .def("factory_reset", &ServoLine::factory_reset, py::arg("id"), py::arg("kept"))
      .def("clear_turns", &ServoLine::clear_turns, py::arg("id"))
      .def("read_group", &ServoLine::read_group, py::arg("group"))
      .def(
          "write_group",
          [](ServoLine& l,
             const std::vector<std::tuple<std::uint8_t, std::uint16_t, py::bytes>>& blocks) {
            std::vector<bus::Registers> servos;
            for (const auto& [id, address, data] : blocks) {
              servos.push_back(ServoLine::block(id, address, bytes_of(data)));
            }
            return l.write_group(servos);
          },
          py::arg("blocks"));
}

}  // namespace

void bind_line(py::module_& m) {
  bind_words(m);
  bind_group(m);
  py::class_<bus::Wire>(m, "Wire");
  py::class_<bus::SerialWire, bus::Wire>(m, "SerialWire")
      .def(py::init<int, int>(), py::arg("descriptor"), py::arg("baud"));
  bind_line_config(m);
  bind_servo_line(m);
}

}  // namespace handloop::bindings
