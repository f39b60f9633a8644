// Virtual servos on a bus, in lockstep or behind a pseudo-terminal.

#include "bindings.hpp"
#include "checks.hpp"
#include "handloop/bus/virtual/pipe_wire.hpp"
#include "handloop/bus/virtual/pty_server.hpp"
#include "handloop/bus/virtual/simulated_hand.hpp"

namespace handloop::bindings {

namespace {

namespace vs = bus::virtual_servo;

constexpr double kSecond = 1e9;  // [ns]
std::int64_t nanoseconds(double seconds) { return std::llround(seconds * kSecond); }

// Lines of virtual servos that Python and the thread of a server may look at.
class SharedWorld {
 public:
  // Takes the hand behind the servos, if there is one, into its care.
  explicit SharedWorld(std::shared_ptr<vs::SimulatedHand> hand) : hand_(std::move(hand)) {}

  // What the caller does with the servos while nobody else touches them.
  template <typename Work>
  auto use(Work work) {
    const std::scoped_lock lock(mutex_);
    return work(world_);
  }
  void refuse_if_served() const {
    if (served_) {
      throw std::runtime_error("a server runs these servos on the wall clock: stop it first");
    }
  }
  std::mutex& lend() {
    refuse_if_served();
    served_ = true;
    return mutex_;
  }
  void take_back() { served_ = false; }
  vs::VirtualWorld& world() { return world_; }
  vs::SimulatedHand* hand() { return hand_.get(); }

 private:
  std::shared_ptr<vs::SimulatedHand> hand_;
  vs::VirtualWorld world_;
  std::mutex mutex_;
  bool served_ = false;
};

// One of its lines.
class SharedBus {
 public:
  SharedBus(std::shared_ptr<SharedWorld> world, const vs::VirtualBusConfig& config,
            std::vector<vs::JointShaft> shafts)
      : world_(std::move(world)), index_(world_->world().size()) {
    std::unique_ptr<vs::Mechanics> mechanics;
    if (world_->hand()) mechanics = world_->hand()->share(std::move(shafts));
    bus_ = &world_->world().add(std::make_unique<vs::VirtualBus>(config, std::move(mechanics)));
  }

  template <typename Work>
  auto use(Work work) {
    return world_->use([&](vs::VirtualWorld&) { return work(*bus_); });
  }
  template <typename Work>
  auto use(std::size_t servo, Work work) {
    if (servo >= bus_->size()) {
      throw py::index_error("servo " + std::to_string(servo) + " of a bus of " +
                            std::to_string(bus_->size()));
    }
    return use([&](vs::VirtualBus& bus) { return work(bus, servo); });
  }

  void advance(double time) {
    world_->refuse_if_served();
    const py::gil_scoped_release release;
    vs::VirtualWorld& world = world_->world();
    world.advance(world.now() + nanoseconds(time));
  }
  void send(const py::bytes& bytes) {
    world_->refuse_if_served();
    const std::string_view view(bytes);
    bus_->send({reinterpret_cast<const std::uint8_t*>(view.data()), view.size()});
    const auto count = static_cast<std::int64_t>(view.size());
    vs::VirtualWorld& world = world_->world();
    world.advance(world.now() + count * vs::byte_time(bus_->host_baud()));
  }
  py::bytes receive(double timeout) {
    world_->refuse_if_served();
    std::array<std::uint8_t, bus::ByteQueue::kCapacity> room;
    vs::PipeWire wire(world_->world(), index_);
    const auto count = wire.receive(room, wire.now() + nanoseconds(timeout));
    return {reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count)};
  }
  const std::shared_ptr<SharedWorld>& world() const { return world_; }
  std::size_t index() const { return index_; }

 private:
  std::shared_ptr<SharedWorld> world_;
  std::size_t index_;
  vs::VirtualBus* bus_;
};

// The lockstep wire of one of the lines; keeps them in being.
class LockstepWire final : public bus::Wire {
 public:
  explicit LockstepWire(const SharedBus& bus)
      : world_(bus.world()), wire_(world_->world(), bus.index()) {
    world_->refuse_if_served();
  }
  std::int64_t now() const override { return wire_.now(); }
  std::int64_t byte_time() const override { return wire_.byte_time(); }
  bool send(bus::Bytes bytes) override { return wire_.send(bytes); }
  std::ptrdiff_t receive(std::span<std::uint8_t> room, std::int64_t deadline) override {
    return wire_.receive(room, deadline);
  }
  void pass_until(std::int64_t time) override { wire_.pass_until(time); }
  void discard() override { wire_.discard(); }

 private:
  std::shared_ptr<SharedWorld> world_;
  vs::PipeWire wire_;
};

class Server {
 public:
  Server(std::shared_ptr<SharedWorld> world, bool follows_baud) : world_(std::move(world)) {
    std::mutex& mutex = world_->lend();
    try {
      server_.emplace(world_->world(), mutex, follows_baud);
    } catch (...) {
      world_->take_back();
      throw;
    }
    for (std::size_t i = 0; i < world_->world().size(); ++i) paths_.push_back(server_->path(i));
  }
  ~Server() { stop(); }

  const std::vector<std::string>& paths() const { return paths_; }
  void stop() {
    if (!server_) return;
    {
      const py::gil_scoped_release release;
      server_.reset();
    }
    world_->take_back();
  }

 private:
  std::shared_ptr<SharedWorld> world_;
  std::optional<vs::PtyServer> server_;
  std::vector<std::string> paths_;
};

vs::VirtualBusConfig bus_config(std::vector<vs::VirtualServoConfig> servos, double supply_voltage,
                                double supply_resistance, std::uint32_t host_baud,
                                std::uint64_t seed) {
  for (const vs::VirtualServoConfig& s : servos) {
    check(s.model);
    const auto& bauds = s.model.bauds;
    if (s.model.protocol != servos[0].model.protocol) {
      throw py::value_error("the servos of a bus speak one protocol");
    }
    if (std::find(bauds.begin(), bauds.end(), s.baud) == bauds.end()) {
      throw py::value_error("servo " + std::to_string(s.id) + " knows no baud rate of " +
                            std::to_string(s.baud));
    }
  }
  return {std::move(servos), supply_voltage, supply_resistance, host_baud, seed};
}

std::shared_ptr<SharedBus> lone_bus(std::vector<vs::VirtualServoConfig> servos,
                                    double supply_voltage, double supply_resistance,
                                    std::uint32_t host_baud, std::uint64_t seed) {
  return std::make_shared<SharedBus>(
      std::make_shared<SharedWorld>(nullptr),
      bus_config(std::move(servos), supply_voltage, supply_resistance, host_baud, seed),
      std::vector<vs::JointShaft>());
}

std::shared_ptr<SharedBus> add_bus(const std::shared_ptr<SharedWorld>& world,
                                   std::vector<vs::VirtualServoConfig> servos,
                                   std::vector<vs::JointShaft> shafts, double supply_voltage,
                                   double supply_resistance, std::uint32_t host_baud,
                                   std::uint64_t seed) {
  if (shafts.size() != (world->hand() ? servos.size() : 0)) {
    throw py::value_error(world->hand() ? "give every servo the joint that its shaft turns"
                                        : "there is no hand for the shafts to turn");
  }
  world->refuse_if_served();
  return std::make_shared<SharedBus>(
      world, bus_config(std::move(servos), supply_voltage, supply_resistance, host_baud, seed),
      std::move(shafts));
}

using Range = std::pair<double, double>;

void set_stops(vs::VirtualServoConfig& servo, const std::optional<Range>& stops) {
  const auto [low, high] = stops.value_or(Range{vs::EndStops{}.low, vs::EndStops{}.high});
  if (!(low < high)) {
    throw py::value_error("end stops of servo " + std::to_string(servo.id) +
                          ": give the lower one first");
  }
  servo.stops = {low, high};
}

vs::VirtualServoConfig make_servo(vs::ServoModel model, std::uint8_t id, std::uint32_t baud,
                                  double position, const std::optional<Range>& stops,
                                  const std::optional<vs::GearFigures>& gear) {
  vs::VirtualServoConfig servo{std::move(model), id, baud, position, {}};
  if (gear) servo.model.gear = *gear;
  set_stops(servo, stops);
  return servo;
}

void bind_servo_config(py::module_& m) {
  py::class_<vs::VirtualServoConfig>(m, "VirtualServoConfig")
      .def(py::init(&make_servo), py::arg("model"), py::kw_only(), py::arg("id") = 1,
           py::arg("baud") = 57600, py::arg("position") = 0.0, py::arg("stops") = std::nullopt,
           py::arg("gear") = std::nullopt)
      .def_readwrite("id", &vs::VirtualServoConfig::id)
      .def_readwrite("baud", &vs::VirtualServoConfig::baud)
      .def_readwrite("position", &vs::VirtualServoConfig::position)
      .def_property(
          "stops",
          [](const vs::VirtualServoConfig& servo) {
            return Range{servo.stops.low, servo.stops.high};
          },
          &set_stops)
      .def_property_readonly("gear", [](vs::VirtualServoConfig& servo) -> vs::GearFigures& {
        return servo.model.gear;
      });
}

vs::FreeInertias& inertias_of(vs::VirtualBus& bus) {
  auto* inertias = dynamic_cast<vs::FreeInertias*>(&bus.mechanics());
  if (!inertias) throw std::runtime_error("these servos turn a hand: load the hand");
  return *inertias;
}

void bind_states(py::class_<SharedBus, std::shared_ptr<SharedBus>>& bus) {
  using Bus = vs::VirtualBus;
  const auto state = [&bus](const char* name, auto get) {
    bus.def(
        name, [get](SharedBus& b, std::size_t servo) { return b.use(servo, get); },
        py::arg("servo"));
  };
  bus.def(
      "load",
      [](SharedBus& b, std::size_t servo, double torque) {
        b.use(servo, [torque](Bus& v, std::size_t i) { inertias_of(v).load(i, torque); });
      },
      py::arg("servo"), py::arg("torque"));
  bus.def(
      "hang",
      [](SharedBus& b, std::size_t servo, double inertia, double torque) {
        not_negative("inertia", inertia);
        b.use(servo, [=](Bus& v, std::size_t i) { inertias_of(v).hang(i, inertia, torque); });
      },
      py::arg("servo"), py::arg("inertia"), py::arg("torque"));
  state("position", [](Bus& b, std::size_t i) { return b.shaft(i).position; });
  state("velocity", [](Bus& b, std::size_t i) { return b.shaft(i).velocity; });
  state("current", [](Bus& b, std::size_t i) { return b.servo(i).motor().current(); });
  state("temperature", [](Bus& b, std::size_t i) { return b.servo(i).motor().housing(); });
  bus.def(
      "register",
      [](SharedBus& b, std::size_t servo, vs::Role role) {
        return b.use(servo, [role](Bus& v, std::size_t i) { return v.servo(i).table().get(role); });
      },
      py::arg("servo"), py::arg("role"));
}

void bind_servo_faults(py::class_<SharedBus, std::shared_ptr<SharedBus>>& bus) {
  using Bus = vs::VirtualBus;
  const auto fault = [&bus](const char* name, auto set, const char* value) {
    bus.def(
        name,
        [set](SharedBus& b, std::size_t servo, decltype(set.second) to) {
          b.use(servo, [&](Bus& v, std::size_t i) { set.first(v, i, to); });
        },
        py::arg("servo"), py::arg(value));
  };
  fault("kill",
        std::pair(
            [](Bus& b, std::size_t i, bool dead) { dead ? b.servo(i).kill() : b.servo(i).mend(); },
            bool{}),
        "dead");
  fault("jam", std::pair([](Bus& b, std::size_t i, bool to) { b.mechanics().jam(i, to); }, bool{}),
        "jammed");
  fault("plug", std::pair([](Bus& b, std::size_t i, bool to) { b.servo(i).plug(to); }, bool{}),
        "plugged");
  fault("heat",
        std::pair([](Bus& b, std::size_t i, double to) { b.servo(i).motor().set_temperature(to); },
                  double{}),
        "temperature");
}

void bind_line_faults(py::class_<SharedBus, std::shared_ptr<SharedBus>>& bus) {
  using Bus = vs::VirtualBus;
  bus.def(
         "noise",
         [](SharedBus& b, double bit_flip, double byte_loss) {
           b.use([&](Bus& v) { v.faults().set_noise({bit_flip, byte_loss}); });
         },
         py::kw_only(), py::arg("bit_flip") = 0.0, py::arg("byte_loss") = 0.0)
      .def(
          "burst",
          [](SharedBus& b, double time) {
            b.use([&](Bus& v) { v.faults().burst(v.now(), v.now() + nanoseconds(time)); });
          },
          py::arg("time"))
      .def(
          "unplug",
          [](SharedBus& b, double time) {
            b.use([&](Bus& v) { v.faults().unplug(v.now(), v.now() + nanoseconds(time)); });
          },
          py::arg("time"))
      .def(
          "supply",
          [](SharedBus& b, double voltage) {
            b.use([&](Bus& v) { v.supply().set_source(voltage); });
          },
          py::arg("voltage"));
}

}  // namespace

void bind_world(py::module_& m) {
  const vs::VirtualBusConfig usual;
  py::class_<SharedWorld, std::shared_ptr<SharedWorld>>(m, "VirtualWorld")
      .def(py::init<std::shared_ptr<vs::SimulatedHand>>(), py::arg("hand") = nullptr,
           py::keep_alive<1, 2>())
      .def("add_bus", &add_bus, py::arg("servos"), py::kw_only(),
           py::arg("shafts") = std::vector<vs::JointShaft>(),
           py::arg("supply_voltage") = usual.supply_voltage,
           py::arg("supply_resistance") = usual.supply_resistance,
           py::arg("host_baud") = usual.host_baud, py::arg("seed") = usual.seed,
           py::keep_alive<0, 1>());
  py::class_<LockstepWire, bus::Wire>(m, "LockstepWire")
      .def(py::init<const SharedBus&>(), py::arg("bus"), py::keep_alive<1, 2>());
}

void bind_server(py::module_& m) {
  py::class_<Server>(m, "PtyServer")
      .def(py::init([](const SharedBus& bus, bool follows_baud) {
             return std::make_unique<Server>(bus.world(), follows_baud);
           }),
           py::arg("bus"), py::kw_only(), py::arg("follows_baud") = true, py::keep_alive<1, 2>())
      .def(py::init<std::shared_ptr<SharedWorld>, bool>(), py::arg("world"), py::kw_only(),
           py::arg("follows_baud") = true, py::keep_alive<1, 2>())
      .def_property_readonly("path", [](const Server& s) { return s.paths().at(0); })
      .def_property_readonly("paths", &Server::paths)
      .def("stop", &Server::stop)
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__", [](Server& server, const py::args&) { server.stop(); });
}

void bind_bus(py::module_& m) {
  bind_servo_model(m);
  bind_servo_config(m);
  const vs::VirtualBusConfig usual;
  py::class_<SharedBus, std::shared_ptr<SharedBus>> bus(m, "VirtualBus");
  bus.def(py::init(&lone_bus), py::arg("servos"), py::kw_only(),
          py::arg("supply_voltage") = usual.supply_voltage,
          py::arg("supply_resistance") = usual.supply_resistance,
          py::arg("host_baud") = usual.host_baud, py::arg("seed") = usual.seed)
      .def_property_readonly(
          "time",
          [](SharedBus& b) {
            return b.use([](vs::VirtualBus& v) { return static_cast<double>(v.now()) / kSecond; });
          })
      .def_property_readonly("supply_voltage",
                             [](SharedBus& b) {
                               return b.use([](vs::VirtualBus& v) { return v.supply().voltage(); });
                             })
      .def_property(
          "host_baud",
          [](SharedBus& b) { return b.use([](vs::VirtualBus& v) { return v.host_baud(); }); },
          [](SharedBus& b, std::uint32_t baud) {
            if (baud == 0) throw py::value_error("a baud rate is > 0");
            b.use([baud](vs::VirtualBus& v) { v.set_host_baud(baud); });
          })
      .def("__len__",
           [](SharedBus& b) { return b.use([](vs::VirtualBus& v) { return v.size(); }); })
      .def("advance", &SharedBus::advance, py::arg("time"))
      .def("send", &SharedBus::send, py::arg("data"))
      .def("receive", &SharedBus::receive, py::arg("timeout"));
  bind_states(bus);
  bind_servo_faults(bus);
  bind_line_faults(bus);
  bind_world(m);
  bind_server(m);
}

}  // namespace handloop::bindings
